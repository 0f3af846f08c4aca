from odoo.tests import TransactionCase, tagged


@tagged("post_install", "-at_install")
class TestSettings(TransactionCase):
    def test_all_that_a_company_decides_is_in_the_settings(self):
        """A rule of the company that no page shows is no rule that it can set."""
        stored = {
            name
            for name, field in self.env["res.company"]._fields.items()
            if name.startswith("complaint_") and field.store and not field.compute
        }
        self.assertGreater(len(stored), 30)
        settings = self.env["res.config.settings"].with_user(
            self.env.ref("base.user_admin")
        )
        view = self.env.ref("base.res_config_settings_view_form")
        arch = settings.get_view(view.id, "form")["arch"]
        hidden = {name for name in stored if f'<field name="{name}"' not in arch}
        self.assertFalse(hidden)
