"""Runs the steps in order on the real data, without an engine."""

import json
import tempfile
import unittest
from pathlib import Path

from penguins import steps

SOURCE = Path(__file__).with_name("data") / "penguins.csv"
BILLS = ["bill_length_mm", "bill_depth_mm"]
BODY = ["flipper_length_mm", "body_mass_g"]


class Pipeline(unittest.TestCase):
    """One run with the parameters' defaults, shared by the tests."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)
        measured, train, validation, test = (
            cls.folder / f"{name}.csv"
            for name in ("measured", "train", "validation", "test")
        )
        cls.cleaned = steps.clean(str(SOURCE), measured)
        cls.sizes = steps.split(measured, 0.3, 0.15, 2007, train, validation, test)
        models = {
            name: cls.folder / f"{name}.json" for name in ("bills", "body", "full")
        }
        cls.accuracies = {
            "bills": steps.train_knn(train, validation, BILLS, 5, models["bills"]),
            "body": steps.train_knn(train, validation, BODY, 5, models["body"]),
            "full": steps.train_softmax(
                train, validation, BILLS + BODY, models["full"]
            ),
        }
        cls.picked = steps.pick(**cls.accuracies)
        cls.evaluated = steps.evaluate(
            cls.picked["best"], **models, test=test, species=cls.cleaned["species"]
        )

    def test_clean_drops_what_was_not_measured(self):
        species = ["Adelie", "Chinstrap", "Gentoo"]
        self.assertEqual(self.cleaned, {"species": species, "rows": 342, "dropped": 2})

    def test_split_loses_and_repeats_no_penguin(self):
        parts = ("train", "validation", "test")
        lines = {p: self.lines(p) for p in parts}
        self.assertEqual({p: len(lines[p]) for p in parts}, self.sizes)
        dealt = sorted(line for part in lines.values() for line in part)
        self.assertEqual(dealt, sorted(self.lines("measured")))

    def test_split_keeps_the_share_of_each_species(self):
        for species, total in (("Adelie", 151), ("Chinstrap", 68), ("Gentoo", 123)):
            tested = sum(line.startswith(species) for line in self.lines("test"))
            self.assertEqual(tested, round(total * 0.3), species)

    def test_models_are_accurate(self):
        self.assertGreater(self.accuracies["full"], 0.95)
        self.assertGreater(self.accuracies["bills"], 0.9)
        self.assertGreater(self.accuracies["body"], 0.7)
        self.assertGreater(self.evaluated["accuracy"], 0.95)

    def test_confusion_counts_every_tested_penguin_once(self):
        counts = self.evaluated["confusion"]
        total = sum(n for answers in counts.values() for n in answers.values())
        right = sum(counts[species][species] for species in counts)
        self.assertEqual(total, self.sizes["test"])
        self.assertAlmostEqual(right / total, self.evaluated["accuracy"])

    def test_same_seed_gives_the_same_model(self):
        again = self.folder / "again.json"
        train, validation = self.folder / "train.csv", self.folder / "validation.csv"
        steps.train_softmax(train, validation, BILLS + BODY, again)
        first = json.loads((self.folder / "full.json").read_text())
        self.assertEqual(json.loads(again.read_text()), first)

    def test_pick_prefers_more_features_among_equals(self):
        picked = steps.pick(bills=0.9, body=0.8, full=0.9)
        self.assertEqual((picked["best"], picked["tied"]), ("full", True))
        self.assertEqual(
            [r["model"] for r in picked["ranking"]], ["full", "bills", "body"]
        )

    def test_report_tells_what_was_found(self):
        path = self.folder / "report.md"
        headline = steps.report(
            data="342 penguins measured, 2 dropped",
            sizes=self.sizes,
            ranking=self.picked["ranking"],
            tied=self.picked["tied"],
            accuracy=self.evaluated["accuracy"],
            confusion=self.evaluated["confusion"],
            reached=True,
            report=path,
        )
        self.assertIn('"full" recognizes', headline)
        text = path.read_text(encoding="utf-8")
        for words in ("2 dropped.", "on target", "| full ", "| Chinstrap "):
            self.assertIn(words, text)

    def lines(self, name):
        return (self.folder / f"{name}.csv").read_text().splitlines()[1:]


if __name__ == "__main__":
    unittest.main()
