from werkzeug.exceptions import NotFound

from odoo.exceptions import UserError
from odoo.http import request, route

from odoo.addons.mail.controllers.attachment import AttachmentController
from odoo.addons.portal.controllers.thread import PortalThreadController

from ..tools import uploads
from . import limits

CASE = "complaint.case"


def is_of_customer(thread_model):
    """Whether a message is one of a complaint, and the user none of the staff."""
    return thread_model == CASE and not request.env.user._is_internal()


class ComplaintThread(PortalThreadController):
    """Messages that customers write on the page of their complaint."""

    @route()
    def mail_message_post(
        self, thread_model, thread_id, post_data, context=None, **kwargs
    ):
        """Post a message, unless the customer wrote very many lately."""
        if is_of_customer(thread_model):
            case = self._get_thread_with_access_for_post(
                thread_model, thread_id, **kwargs
            )
            if not case:
                raise NotFound()
            if limits.is_over("message", case):
                raise UserError(limits.words(request.env)["message"])
        return super().mail_message_post(
            thread_model, thread_id, post_data, context=context, **kwargs
        )

    @classmethod
    def _can_edit_message(cls, message, **kwargs):
        # What was said in a complaint stays on record (H2); staff may correct.
        if is_of_customer(message.model):
            return False
        return super()._can_edit_message(message, **kwargs)


class ComplaintAttachment(AttachmentController):
    """Files that customers put into their messages."""

    @route()
    def mail_attachment_upload(
        self, ufile, thread_id, thread_model, is_pending=False, **kwargs
    ):
        """Take a file, if it is of the size and kind that the forms take, too."""
        if is_of_customer(thread_model):
            case = self._get_thread_with_access_for_post(
                thread_model, thread_id, **kwargs
            )
            if not case:
                raise NotFound()
            problem = self._complaint_file_problem(ufile, case)
            if problem:
                return request.make_json_response({"error": problem})
            # Photos are kept as they are, see _intake_attach of the complaint.
            request.update_context(image_no_postprocess=True)
        return super().mail_attachment_upload(
            ufile, thread_id, thread_model, is_pending=is_pending, **kwargs
        )

    def _complaint_file_problem(self, ufile, case):
        """Why the file is not taken, in words; empty when it is."""
        try:
            file = uploads.read_upload(ufile)
        except uploads.UploadError as error:
            return uploads.in_words(request.env, error)
        if limits.is_over("files", case):
            return limits.words(request.env)["files"]
        ufile.stream.seek(0)
        ufile.filename = file["name"]
        return ""
