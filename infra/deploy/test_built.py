"""A package for another machine than the template says is not deployed."""

import pathlib
import shutil
import tempfile
import unittest

import built
from answers import TEMPLATE, defaults

HEADS = {"arm64": b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x03\x00\xb7\x00", "x86_64": b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x03\x00\x3e\x00"}


class Built(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def write(self, function, content):
        (self.folder / function).mkdir(exist_ok=True)
        (self.folder / function / "bootstrap").write_bytes(content)

    def test_what_was_asked_for_passes_and_nothing_else_does(self):
        for architecture, other in (("arm64", "x86_64"), ("x86_64", "arm64")):
            for function in built.FUNCTIONS:
                self.write(function, HEADS[architecture])
            self.assertEqual(list(built.mismatches(self.folder, architecture)), [])
            self.assertEqual(len(list(built.mismatches(self.folder, other))), 2)

    def test_a_package_that_is_missing_or_no_program_is_told(self):
        self.write("Intake", b"#!/bin/sh\n")
        said = "\n".join(built.mismatches(self.folder, "arm64"))
        self.assertIn("no ELF file", said)
        self.assertIn("left no", said)

    def test_the_built_template_takes_no_other_architecture(self):
        shutil.copy(TEMPLATE, self.folder / "template.yaml")
        built.bind(self.folder, "x86_64")
        self.assertEqual(defaults(self.folder / "template.yaml")["Architecture"], "x86_64")
        self.assertEqual(built.yaml_parse((self.folder / "template.yaml").read_text())["Parameters"]["Architecture"]["AllowedValues"], ["x86_64"])


if __name__ == "__main__":
    unittest.main()
