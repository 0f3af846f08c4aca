from odoo import api, fields, models

#: How often a customer may do it within an hour, as shipped.
PORTAL_LIMITS = {"complaint": 10, "message": 60, "files": 60}
_PARAMETER = "complaint_management.portal_%s_limit"


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    complaint_portal_complaint_limit = fields.Integer(
        string="Portal complaints an hour",
        default=PORTAL_LIMITS["complaint"],
        config_parameter=_PARAMETER % "complaint",
    )
    complaint_portal_message_limit = fields.Integer(
        string="Portal messages an hour",
        default=PORTAL_LIMITS["message"],
        config_parameter=_PARAMETER % "message",
    )
    complaint_portal_files_limit = fields.Integer(
        string="Portal uploads an hour",
        default=PORTAL_LIMITS["files"],
        config_parameter=_PARAMETER % "files",
    )

    @api.model
    def _complaint_portal_limit(self, what):
        """How often a customer may do something within an hour.

        In the settings 0 brings back the shipped limit; in the system parameter it
        means no limit at all.

        :param str what: complaint, message or files
        """
        text = self.env["ir.config_parameter"].get_param(_PARAMETER % what)
        try:
            return int(text)
        except (TypeError, ValueError):
            # Not set, or not a number: the limit stays in force.
            return PORTAL_LIMITS[what]
