import os

from .common import ComplaintCommon

#: Of its own for each run: test databases may share the store of files, and one test
#: destroys its file.
PHOTO = b"\xff\xd8\xff\xe0 a photo of the kettle " + os.urandom(8).hex().encode()
JUDGED_GOOD = dict.fromkeys(
    ("authenticity", "integrity", "relevance", "legality"), "given"
)


class EvidenceCommon(ComplaintCommon):
    """A complaint with pieces of evidence, accepted or not."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.case = cls._case(user_id=cls.handler.id)

    def _piece(self, files=1, **values):
        """A piece registered by the handler, not decided on."""
        piece = (
            self.env["complaint.evidence"]
            .with_user(self.handler)
            .create(
                {
                    "case_id": self.case.id,
                    "title": "Photo of the kettle",
                    **JUDGED_GOOD,
                    **values,
                }
            )
        )
        if files:
            piece._add_files(
                {
                    piece: [
                        {"name": f"photo-{n}.jpg", "raw": PHOTO + bytes([n])}
                        for n in range(files)
                    ]
                }
            )
        return piece

    def _accepted(self, **values):
        piece = self._piece(**values)
        piece.action_accept()
        return piece

    def _events(self, piece):
        return piece.sudo().custody_ids.sorted("position").mapped("kind")
