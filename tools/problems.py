"""What can be wrong with a file that is brought in, without words in any language.

The texts that people read are kept where they can be translated, by code.
"""


class Problem(Exception):
    """Something is wrong, and a person has to know.

    :ivar str code: what, such as ``"unknown_value"``
    :ivar dict params: what the sentence is made of, such as column and value
    """

    def __init__(self, code, **params):
        super().__init__(code, params)
        self.code = code
        self.params = params

    def __str__(self):
        params = ", ".join(f"{name}={value!r}" for name, value in self.params.items())
        return f"{self.code}({params})"
