import base64
import time
from datetime import timedelta
from pathlib import Path

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import file_path
from odoo.tools.misc import format_datetime

from odoo.addons.base.models.res_partner import _tz_get

from ..models.complaint_case import FUTURE_TOLERANCE_MINUTES
from ..tools import register
from ..tools.problems import Problem
from .complaint_import_texts import FILE_TEXTS, REMARK_TEXTS, ROW_TEXTS

#: Folder of the shipped mappings, inside the add-on.
MAPPINGS = "complaint_management/data/mappings"
OWN = "own"
#: Complaints created at a time.
BATCH = 500
#: A request that lasts longer is cut off by the server; people press Continue.
REQUEST_SECONDS = 30
#: Findings listed one by one; the file of rejected rows holds all of them.
LISTED = 1000
#: Lines named for a remark that many rows share.
LINES_NAMED = 10
#: How old files are written where people speak these languages.
LEGACY_ENCODINGS = {"zh": ("utf-8", "gb18030")}


class ComplaintImport(models.TransientModel):
    """Brings a register of complaints in from a CSV file (A2).

    ``./dev load`` and the dialogue of the web client are two ends of the same
    :meth:`_bring_in`. How columns become values is told by a mapping, see
    ``data/mappings/README.md``; how values become complaints is told in
    ``complaint_import_writing.py``.
    """

    _name = "complaint.import"
    _description = "Bring in a Register of Complaints"

    file = fields.Binary(string="CSV File", required=True, attachment=False)
    filename = fields.Char()
    mapping = fields.Selection(
        selection=lambda self: self._selection_mapping(),
        help="How the columns of the file become values of a complaint. Empty: the "
        "mapping whose columns are all in the file.",
    )
    mapping_file = fields.Binary(string="Your Mapping", attachment=False)
    mapping_filename = fields.Char()
    tz = fields.Selection(
        selection=_tz_get,
        string="Time Zone",
        help="Of the times in the file. Empty: the one that the mapping names.",
    )
    encoding = fields.Selection(
        selection=[
            ("utf-8", "UTF-8"),
            ("cp1252", "Western European (Windows)"),
            ("cp1250", "Central European (Windows)"),
            ("cp1251", "Cyrillic (Windows)"),
            ("gb18030", "Chinese (GB 18030)"),
            ("big5", "Chinese (Big5)"),
            ("utf-16", "UTF-16"),
        ],
        help="Of the characters in the file. Empty: found by itself.",
    )
    team_id = fields.Many2one(
        comodel_name="complaint.team",
        domain=lambda self: [("company_id", "in", [False, self.env.company.id])],
        help="Gets the complaints. Empty: the team that serves the company.",
    )
    user_id = fields.Many2one(
        comodel_name="res.users",
        string="Handler",
        domain=lambda self: [
            ("share", "=", False),
            ("company_ids", "in", self.env.company.ids),
        ],
        default=lambda self: self.env.user,
        help="Owns those that were taken up and are not closed.",  # A5
    )

    state = fields.Selection(
        selection=[
            ("choose", "Choose"),
            ("checked", "Checked"),
            ("partly", "Partly done"),
            ("done", "Done"),
        ],
        default="choose",
        readonly=True,
    )
    used_mapping = fields.Char(string="Mapping Used", readonly=True)
    used_tz = fields.Char(string="Times Read in", readonly=True)
    row_count = fields.Integer(string="Rows in the File", readonly=True)
    created_count = fields.Integer(string="Complaints Brought in", readonly=True)
    new_count = fields.Integer(string="Complaints to Bring in", readonly=True)
    present_count = fields.Integer(string="Here Already", readonly=True)
    rejected_count = fields.Integer(string="Rows That Stay Out", readonly=True)
    remaining_count = fields.Integer(string="Still to Do", readonly=True)
    started_at = fields.Datetime(readonly=True)
    finding_ids = fields.One2many(
        comodel_name="complaint.import.finding",
        inverse_name="import_id",
        readonly=True,
    )
    rejected_file = fields.Binary(
        string="Download Them", attachment=False, readonly=True
    )
    rejected_filename = fields.Char(readonly=True)

    # Buttons ------------------------------------------------------------------------

    def action_check(self):
        """Say what would happen, without bringing anything in."""
        return self._run(only_check=True)

    def action_bring_in(self):
        """Bring the complaints in; after half a minute people are asked to go on."""
        return self._run(seconds=REQUEST_SECONDS)

    def action_open_cases(self):
        """Open the complaints that were brought in."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "complaint_management.complaint_case_action"
        )
        action["domain"] = [
            ("import_reference", "!=", False),
            ("create_uid", "=", self.create_uid.id),
            ("create_date", ">=", fields.Datetime.to_string(self.started_at)),
        ]
        action["context"] = {}
        return action

    def _run(self, **options):
        """Bring in, or check, and show the dialogue again with the result."""
        self.ensure_one()
        try:
            self._bring_in(**options)
        except Problem as problem:
            raise UserError(self._explain(problem, FILE_TEXTS)) from None
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Bring in a register"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    # The work -----------------------------------------------------------------------

    def _bring_in(self, only_check=False, seconds=None, progress=None):
        """Bring the register in as far as time allows; fills the result fields.

        A complaint whose number is here already is passed over, so it may be called
        again and goes on where it ended.

        :param float seconds: stop after the batch in which they are over
        :param progress: called after each batch with the numbers done and to do
        :raise Problem: when the file or the mapping cannot be used
        :raise AccessError: without the right to create complaints
        """
        self.ensure_one()
        self.env["complaint.case"].check_access("create")
        mapping, content, entries, rejected = self._read()
        fresh = self._without_present(entries)
        # Those of an earlier call are not counted as present before.
        present = len(entries) - len(fresh) - self.created_count
        ready, unknown = self._resolve(fresh)
        done, refused = 0, []
        if not only_check:
            done, refused = self._create_in_time(ready, seconds, progress)
        remaining = len(ready) - done
        self._note_result(
            content,
            rejected + unknown + refused,
            entries,
            state="checked" if only_check else "partly" if remaining else "done",
            used_mapping=mapping.title(self.env.lang),
            new_count=len(ready),
            present_count=present,
            created_count=self.created_count + done - len(refused),
            remaining_count=0 if only_check else remaining,
        )

    def _create_in_time(self, ready, seconds, progress):
        """Create batch by batch until all is done or time is over.

        :return: how many were tried, and what was refused as (row, Problem)
        """
        deadline = seconds and time.monotonic() + seconds
        done, refused = 0, []
        for start in range(0, len(ready), BATCH):
            batch = ready[start : start + BATCH]
            refused += self._create_batch(batch)
            done += len(batch)
            if progress:
                progress(done, len(ready))
            if deadline and time.monotonic() > deadline:
                break
        return done, refused

    def _read(self):
        """Read the file by the mapping.

        :return: mapping, table, entries, and what stays out as a list of (row, Problem)
        """
        data = base64.b64decode(self.file or b"")
        encodings = self._encodings()
        mapping = self._mapping(data, encodings)
        latest = fields.Datetime.now() + timedelta(minutes=FUTURE_TOLERANCE_MINUTES)
        self.used_tz = self.tz or mapping.tz
        return mapping, *register.read(mapping, data, self.used_tz, latest, encodings)

    def _encodings(self):
        if self.encoding:
            return (self.encoding,)
        return LEGACY_ENCODINGS.get((self.env.lang or "")[:2])

    def _note_result(self, content, rejected, entries, **values):
        rejected.sort(key=lambda item: item[0].line)
        findings = [
            {
                "kind": "rejected",
                "line": row.line,
                "text": self._explain(problem, ROW_TEXTS),
            }
            for row, problem in rejected[:LISTED]
        ]
        for remark, lines in register.summarise(entries)[:LISTED]:
            findings.append(
                {
                    "kind": "remark",
                    "line": lines[0],
                    "count": len(lines),
                    "text": self._explain(remark, REMARK_TEXTS),
                    "lines": self._lines_text(lines),
                }
            )
        raw = content.header + "".join(row.raw for row, _problem in rejected)
        self.write(
            {
                **values,
                "row_count": len(content.rows),
                "rejected_count": len(rejected),
                "started_at": self.started_at or self.env.cr.now(),
                "finding_ids": [fields.Command.clear()]
                + [fields.Command.create(finding) for finding in findings],
                # The rows just as they were, to be mended and brought in again.
                "rejected_file": base64.b64encode(raw.encode("utf-8-sig"))
                if rejected
                else False,
                "rejected_filename": self.env._(
                    "rejected rows of %(file)s", file=self.filename or "register.csv"
                ),
            }
        )

    @staticmethod
    def _lines_text(lines):
        named = ", ".join(map(str, lines[:LINES_NAMED]))
        return f"{named} …" if len(lines) > LINES_NAMED else named

    # Mappings -----------------------------------------------------------------------

    @api.model
    def _selection_mapping(self):
        shipped = [
            (name, mapping.title(self.env.lang) or name)
            for name, mapping in self._shipped_mappings().items()
        ]
        return [*shipped, (OWN, self.env._("Your own mapping"))]

    @api.model
    def _shipped_mappings(self):
        """{name: mapping} of those that lie in the add-on."""
        return {
            path.stem: register.Mapping(path.read_text("utf-8"), self._choices())
            for path in sorted(Path(file_path(MAPPINGS)).glob("*.toml"))
        }

    def _mapping(self, data, encodings):
        """The mapping chosen, else the shipped one that finds most of its columns."""
        if self.mapping == OWN:
            return self._own_mapping()
        mappings = self._shipped_mappings()
        if self.mapping:
            return mappings[self.mapping]
        columns = {
            mapping: register.columns_of(mapping, data, encodings)
            for mapping in mappings.values()
        }
        best = max(columns, key=lambda mapping: mapping.fit(columns[mapping]))
        if best.missing(columns[best]):
            found = max(columns.values(), key=len)
            raise Problem("no_mapping", found=", ".join(filter(None, found)))
        return best

    def _own_mapping(self):
        if not self.mapping_file:
            raise Problem("no_own_mapping")
        try:
            text = base64.b64decode(self.mapping_file).decode("utf-8-sig")
        except UnicodeDecodeError:
            raise Problem("mapping_not_text") from None
        return register.Mapping(text.replace("\r\n", "\n"), self._choices())

    @api.model
    def _choices(self):
        """What mappings may set, from the fields themselves."""
        case = self.env["complaint.case"]._fields
        names = ("source", "nature", "priority", "customer_type", "phase", "outcome")
        return {name: dict(case[name].selection) for name in names}

    # Words --------------------------------------------------------------------------

    def _explain(self, problem, texts):
        """Say a problem in the language of the user."""
        params = {
            name: self._readable(name, value) for name, value in problem.params.items()
        }
        text = self.env._(texts[problem.code])
        return text % params

    def _readable(self, name, value):
        if name == "field":
            field = self.env["complaint.case"]._fields.get(
                {"channel": "channel_id", "category": "category_id"}.get(value, value)
            )
            return field._description_string(self.env) if field else value
        if name in ("moment", "received"):
            return format_datetime(self.env, value, tz=self.used_tz)
        text = str(value)
        return text if len(text) <= 200 else f"{text[:199]}…"


class ComplaintImportFinding(models.TransientModel):
    """A row that stays out, or a remark on rows that go in."""

    _name = "complaint.import.finding"
    _description = "Finding on a Register of Complaints"
    _order = "kind, line, id"

    import_id = fields.Many2one(
        comodel_name="complaint.import", required=True, ondelete="cascade", index=True
    )
    kind = fields.Selection(
        selection=[("rejected", "Stays out"), ("remark", "Remark")], required=True
    )
    line = fields.Integer(help="Of the file, counted from 1.")
    count = fields.Integer(string="Rows", default=1)
    lines = fields.Char()
    text = fields.Text(string="Reason")
