import errno
import os
import socket
import tempfile
import unittest
from pathlib import Path
from unittest.mock import patch

from ..devkit import cmd_run, cmd_test, debian, odoo, places, postgres, server, ui

SOURCES = """\
# A comment
Types: deb
URIs: https://example.org/node_20.x
Suites: nodistro
Components: main

Types: deb deb-src
URIs: http://security.example.org/debian-security
Suites: bookworm-security
Components: main

Types: deb
URIs: http://mirror.example.org/debian/
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
"""
LOG = """\
2026-01-02 03:04:05,678 12 INFO db odoo.modules.loading: 1 modules loaded
2026-01-02 03:04:06,678 12 WARNING db odoo.fields: Field x has no label
2026-01-02 03:04:07,678 13 WARNING db odoo.fields: Field x has no label
2026-01-02 03:04:08,678 13 ERROR db odoo.registry: Failed to load registry
Traceback (most recent call last):
    name
    ^^^^
NameError: name
""".splitlines()


class TestDebian(unittest.TestCase):
    """Finding the package mirror among foreign entries; refusing other systems."""

    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        (self.folder / "sources.list.d").mkdir()

    def test_mirror_of_newer_format(self):
        (self.folder / "sources.list.d" / "all.sources").write_text(SOURCES)
        found = list(debian.sources(self.folder))
        self.assertEqual(len(found), 4)
        self.assertEqual(
            debian.mirror("bookworm", found), "http://mirror.example.org/debian"
        )

    def test_mirror_of_older_format(self):
        (self.folder / "sources.list").write_text(
            "deb https://tools.example.org/apt tools-bookworm main\n"
            "deb [arch=amd64 signed-by=/x.gpg] https://pool.example.org/debian "
            "bookworm main non-free # comment\n"
            "# deb http://commented.example.org/debian bookworm main\n"
        )
        self.assertEqual(
            debian.mirror("bookworm", debian.sources(self.folder)),
            "https://pool.example.org/debian",
        )

    def test_disabled_source_is_not_used(self):
        (self.folder / "sources.list.d" / "all.sources").write_text(
            "Enabled: no\n" + SOURCES.split("\n\n")[2]
        )
        with self.assertRaisesRegex(ui.DevError, "ODOO_HOME"):
            debian.mirror("bookworm", debian.sources(self.folder))

    def test_other_system_is_told_what_to_do(self):
        with self.assertRaisesRegex(ui.DevError, "Fedora.*container"):
            debian.require_debian({"ID": "fedora", "PRETTY_NAME": "Fedora 40"})

    def test_missing_network_is_named(self):
        explain = debian.network_text("It failed.")
        self.assertIn("no network", explain("Could not resolve 'mirror'"))
        self.assertEqual(explain("Hash sum mismatch"), "It failed.")


class TestOdooHome(unittest.TestCase):
    """An Odoo that the user already has."""

    def home(self, version, where="odoo"):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        package = Path(folder.name, where)
        package.mkdir(parents=True)
        (package / "release.py").write_text(f"version_info = {version}\n")
        return folder.name

    def test_source_checkout_and_package(self):
        for where in ("odoo", f"{odoo.LIBRARY}/odoo"):
            chosen = self.home("(19, 0, 0, FINAL, 0, '')", where)
            with patch.dict(os.environ, ODOO_HOME=chosen):
                self.assertEqual(odoo.home(), Path(chosen, where).parent)

    def test_other_version_and_empty_folder_are_refused(self):
        with (
            patch.dict(os.environ, ODOO_HOME=self.home("(18, 0, 0, FINAL, 0, '')")),
            self.assertRaisesRegex(ui.DevError, "18.0, not 19.0"),
        ):
            odoo.home()
        with (
            patch.dict(os.environ, ODOO_HOME=self.home("()", "elsewhere")),
            self.assertRaisesRegex(ui.DevError, "holds no Odoo"),
        ):
            odoo.home()


class TestPort(unittest.TestCase):
    """A port that cannot be used is refused at once."""

    def test_taken_port_proposes_the_next(self):
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            number = other.getsockname()[1]
            with self.assertRaisesRegex(ui.DevError, f"PORT={number + 1} ./dev run"):
                cmd_run.require_free(number)
        cmd_run.require_free(number)

    def test_not_a_port(self):
        for text in ("http", "0", "65536", "-1"):
            with (
                patch.dict(os.environ, PORT=text),
                self.assertRaisesRegex(ui.DevError, "not a port"),
            ):
                cmd_run.port()
        with patch.dict(os.environ, PORT=""):
            self.assertEqual(cmd_run.port(), 8069)


class TestPlaces(unittest.TestCase):
    """Hashes decide what is built again; nothing half-made is ever used."""

    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def test_hash_follows_what_is_installed(self):
        (self.folder / "models").mkdir()
        (self.folder / "tests").mkdir()
        model = self.folder / "models" / "case.py"
        model.write_text("a = 1")
        with patch.object(places, "REPOSITORY", self.folder):
            first = places.repository_digest()
            (self.folder / "tests" / "test_case.py").write_text("")
            (self.folder / "README.md").write_text("")
            self.assertEqual(places.repository_digest(), first)
            model.write_text("a = 2")
            second = places.repository_digest()
            self.assertNotEqual(second, first)
            model.rename(model.with_name("other.py"))
            self.assertNotEqual(places.repository_digest(), second)

    def test_interrupted_work_leaves_nothing(self):
        with patch.dict(os.environ, XDG_CACHE_HOME=str(self.folder)):
            target = places.cache() / "thing"
            with self.assertRaises(KeyboardInterrupt), places.building(target) as made:
                (made / "half").touch()
                raise KeyboardInterrupt
            self.assertFalse(target.exists())
            self.assertFalse(list((places.cache() / "tmp").iterdir()))
            with places.building(target) as made:
                (made / "whole").touch()
            self.assertTrue(places.complete(target))
            self.assertTrue((target / "whole").exists())

    def test_cache_inside_the_repository_is_refused(self):
        with (
            patch.dict(os.environ, XDG_CACHE_HOME=str(self.folder / "repo" / "x")),
            patch.object(places, "REPOSITORY", self.folder / "repo"),
            self.assertRaisesRegex(ui.DevError, "outside the repository"),
        ):
            places.cache()

    def test_too_little_space_is_told_before_the_download(self):
        with self.assertRaisesRegex(ui.DevError, "disk is too full"):
            places.require_space(10**9)


class TestPrograms(unittest.TestCase):
    """What a person reads when another program fails."""

    def test_output_of_a_failed_program_is_shown(self):
        with self.assertRaisesRegex(ui.DevError, "It failed.\n    reason"):
            ui.run(["sh", "-c", "echo reason; exit 3"], fail="It failed.")

    def test_full_disk_is_named(self):
        with self.assertRaisesRegex(ui.DevError, "The disk is full"):
            ui.run(
                ["sh", "-c", f"echo '{os.strerror(errno.ENOSPC)}'; exit 1"], fail="No."
            )

    def test_missing_program_is_named(self):
        with self.assertRaisesRegex(ui.DevError, "Not found: no-such-program"):
            ui.run(["no-such-program"], fail="No.")

    def test_log_tells_what_matters_once(self):
        found = server.warnings(LOG)
        self.assertEqual(len(found), 2)
        self.assertIn("Field x has no label", found[0])
        trouble = server.trouble(LOG)
        self.assertIn("NameError: name", trouble)
        self.assertNotIn("^^^^", trouble)

    def test_unreachable_database_server_is_explained(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            number = str(probe.getsockname()[1])
        with (
            patch.dict(os.environ, PGHOST="127.0.0.1", PGPORT=number),
            self.assertRaisesRegex(ui.DevError, "cannot be reached with your PG"),
        ):
            postgres.ensure()

    def test_arguments_name_tests(self):
        self.assertTrue(cmd_test.names_tests(["-x", "tests/test_devkit.py::TestPort"]))
        self.assertFalse(cmd_test.names_tests(["-k", "worktime", "-x"]))
