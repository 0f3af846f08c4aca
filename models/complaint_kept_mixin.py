from odoo import models

from odoo.addons.base.models.ir_model import MODULE_UNINSTALL_FLAG


class ComplaintKeptMixin(models.AbstractModel):
    """Records whose deletion is checked, whatever a caller puts into the context (E5).

    Odoo passes over ``@api.ondelete`` while an app is uninstalled and takes the
    context's word for it, which anybody may send by RPC. Apps are uninstalled by the
    superuser: nobody else is believed.
    """

    _name = "complaint.kept.mixin"
    _description = "Complaint: record whose deletion is checked"

    def unlink(self):
        records = self
        if not self.env.su:
            records = self.with_context(**{MODULE_UNINSTALL_FLAG: False})
        return super(ComplaintKeptMixin, records).unlink()
