"""Runs the benchmark of zenc and the bare loops on pipelines of two steps.

No number is looked at: this is so that the benchmark itself cannot rot.
"""

import argparse
import unittest

import report
import roster

import bench


class Smoke(unittest.TestCase):
    def test_ours(self):
        args = argparse.Namespace(
            largest=2,
            repetitions=1,
            enough=60,
            minutes=5,
            at_most=60,
            no_compile=True,
            only="",
            write=None,
        )
        text = bench.run(args, roster.ours())
        self.assertNotIn("exit status", text)
        for contestant in roster.ours():
            self.assertIn(contestant.name, text)
        for heading in report.HEADINGS.values():
            self.assertIn(f"## {heading}", text)


class Page(unittest.TestCase):
    def test_only_what_is_between_the_markers_changes(self):
        page = f"before\n{report.BEGIN}\nold\n{report.END}\nafter\n"
        new = report.between_markers(page, "new\n")
        self.assertTrue(new.startswith("before\n") and new.endswith("after\n"))
        self.assertNotIn("old", new)
        self.assertEqual(new, report.between_markers(new, "new\n"))


if __name__ == "__main__":
    unittest.main()
