from odoo.exceptions import UserError


class ApiError(UserError):
    """What other software gets instead of a result.

    Odoo makes the HTTP status and a JSON body of it: ``message`` is a sentence for
    people, ``context`` holds what programs read.

    :param str code: a word that never changes, listed in docs/api.md
    :param str message: what is wrong and what to do, translated
    :param str field: the field at fault, as "allegations[0].line"
    :param int status: of HTTP
    """

    def __init__(self, code, message, field="", status=422):
        super().__init__(message)
        self.http_status = status
        self.context = {"code": code, "field": field}
