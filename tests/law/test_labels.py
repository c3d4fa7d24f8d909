"""What the words for problems may be: the table under ``tables/`` was written by hand from the text of the Regulation,
of Order 345 and of the printed practice form; a difference is a question for a lawyer, in whichever place it stands.
"""

import csv
from pathlib import Path

import pytest
from pyoxigraph import NamedNode

from yibaolex.research import BASE
from yibaolex.selfreport.forms import Track, forms
from yibaolex.terms import core

TABLE = Path(__file__).parent / "tables" / "labels.csv"
ROWS = list(csv.DictReader(TABLE.open(encoding="utf-8")))
CHARGES = [f"38.{n}" for n in range(1, 8)] + [f"39.{n}" for n in range(1, 8)] + [f"40.{n}" for n in range(1, 5)]
PRACTICE = [
    "重复收费", "分解收费", "超标准收费", "串换收费", "不实收费", "虚假结算", "超医保支付政策范围", "人证不符",
    "私自联网", "违反协议", "无指征检查化验", "无指征治疗", "无指征住院", "挂床住院", "分解住院", "违规采购",
    "资质不符", "诱导住院", "高套病种/规避入组", "药品超限用范围",
]  # fmt: skip
DUTIES = {
    "D13.1": ("39.1", "a13/p1"), "D13.2": ("39.1", "a13/p1"), "D13.3": (None, "a13/p1"), "D14.1": (None, "a14/p2"),
    "D14.2": ("39.6", "a14/p2"), "D15.1": ("39.2", "a15/p1"), "D15.2": ("39.3", "a15/p1"), "D15.3": ("39.4", "a15/p1"),
    "D15.4": ("39.5", "a15/p1"), "D15.5": (None, "a15/p1"), "D16.1": (None, "a16/p1"), "D16.2": (None, "a16/p1"),
    "D16.3": (None, "a16/p1"), "D18.1": (None, "a18/p1"),
}  # fmt: skip


def clauses(nodes: tuple[NamedNode, ...]) -> str:
    return " ".join(node.value.removeprefix(BASE) for node in nodes)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["label"])
def test_label(row):
    label = forms().label_called(row["label"])
    assert label is not None and label.labels["zh"] == row["label"]
    told = {"track": label.track.value, "charges": " ".join(label.conduct), "clause": clauses(label.sources)}
    assert told == {key: row[key] for key in told}


def test_the_table_has_every_label():
    assert sorted(row["label"] for row in ROWS) == sorted(label.labels["zh"] for label in forms().labels.values())


@pytest.mark.parametrize("charge", CHARGES)
def test_each_charge_has_a_word_of_its_own(charge):
    assert [label for label in forms().labels.values() if label.conduct == (charge,) and label.track is Track.CHARGE]


@pytest.mark.parametrize("printed", PRACTICE)
def test_each_row_of_the_practice_form_is_understood(printed):
    assert forms().label_called(printed) is not None


@pytest.mark.parametrize("word", [
    "人证不符", "不实收费", "诱导住院", "高套病种", "资质不符", "虚假结算", "私自联网", "冒名就医", "骗保", "套现",
])  # fmt: skip
def test_word_that_may_be_several_things_is_asked_about(word):
    label = forms().label_called(word)
    assert label.track is Track.QUESTION and label.question["zh"] and label.conduct


def test_the_contract_and_purchasing_lead_to_no_charge():
    found = {word: forms().label_called(word) for word in ("违反协议", "违规采购")}
    assert [(label.track, label.conduct) for label in found.values()] == [(Track.CONTRACT, ()), (Track.OTHER, ())]


def test_list_of_duties():
    found = {
        duty.notation: (duty.conduct, clauses(duty.sources).removeprefix("cq345/")) for duty in forms().duties.values()
    }
    assert found == DUTIES
    assert list(found) == list(DUTIES)


@pytest.mark.parametrize("thing", [*forms().labels.values(), *forms().duties.values()], ids=lambda t: t.notation)
def test_every_clause_has_a_wording_to_quote(thing):
    graph = forms().knowledge.graph
    assert thing.sources and all(graph.one(source, core("text")) is not None for source in thing.sources)
