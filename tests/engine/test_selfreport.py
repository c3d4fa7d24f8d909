"""Self-reports from file to folder: faults at cells, totals, receipts, batches that resume, and the commands."""

import contextlib
import csv
import errno
import fcntl
import io
import json
import os
import random
import re
import signal
import subprocess
import sys
import termios
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import Workbook
from pyoxigraph import RdfFormat, parse
from rdflib import RDF, BNode, Graph, URIRef

from yibaolex import cli
from yibaolex.api import readings
from yibaolex.explanation import Setting
from yibaolex.selfreport import assessing, batch
from yibaolex.selfreport.forms import forms
from yibaolex.selfreport.headings import problem_sheet
from yibaolex.selfreport.losses import band_of
from yibaolex.selfreport.reading import read
from yibaolex.selfreport.receipt import digest_of
from yibaolex.selfreport.totals import Totals, figures_of
from yibaolex.selfreport.view import number_shown
from yibaolex.selfreport.writing import Job, view_of

COLUMNS = (
    "institution_code",
    "institution_name",
    "institution_type",
    "number",
    "label",
    "act_date",
    "billed_amount",
    "fund_amount",
    "refused_to_correct",
    "voluntarily_confessed",
    "intent_to_defraud",
    "evidence",
)
ACTIVITY, FOLLOWS = (URIRef(f"https://w3id.org/yibaolex/core#{n}") for n in ("ReportActivity", "followsReading"))
LABELS = ("重复收费", "人证不符", "违反协议", "未按规定保管资料", "虚构医药服务项目", "串换收费")


def row(number: int, label: str, code: str = "H1", **given: str) -> dict[str, str]:
    own = {"institution_code": code, "institution_name": "某医院", "institution_type": "医院", "act_date": "2025-03-01"}
    return {**dict.fromkeys(COLUMNS, ""), **own, "number": str(number), "label": label, **given}


def mixed(count: int, code: str = "H1") -> list[dict[str, str]]:
    """Rows of every kind, each with an amount of its own."""
    return [
        row(
            n, LABELS[n % len(LABELS)], code, fund_amount="-1" if n % 11 == 7 else f"{100 + n}.37", billed_amount="9999"
        )
        for n in range(1, count + 1)
    ]


@pytest.fixture
def write(tmp_path):
    """Write rows as a CSV file and return its path."""

    def write(rows: list[dict[str, str]], name: str = "自查.csv") -> Path:
        text = io.StringIO()
        writer = csv.DictWriter(text, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text.getvalue(), encoding="utf-8")
        return path

    return write


@pytest.fixture
def run(capsys):
    """Run the command in this process: (exit status, standard output, standard error)."""

    def run(*arguments):
        status = cli.main([str(argument) for argument in arguments])
        return status, *capsys.readouterr()

    return run


def job(folder: Path, *formats: str, engine: str = "oxigraph", language: str = "zh") -> Job:
    return Job(Setting(engine, {}), forms(), language, formats, folder)


def view(path: Path, **given: str) -> dict:
    return view_of(read(path, forms()), job(path.parent, **given))


def quiet() -> batch.Watch:
    return batch.Watch(*[lambda *_: None] * 4)


# --- rows -------------------------------------------------------------------------------------------------------------


def test_a_fault_stands_at_its_cell_and_the_other_rows_go_on(write):
    found = view(write([row(1, "重复收费", fund_amount="-5"), row(2, "重复收费", fund_amount="5")]))
    first, second = found["rows"]
    (fault,) = [fault for fault in first["faults"] if fault["refused"]]
    assert (fault["place"], fault["shown"], first["status"]) == ("自查.csv!H2", "-5", "refused")
    assert second["status"] == "assessed" and second["provisional_fine"]["high"] == "10.00"


def test_what_only_the_authority_may_find_is_noted_at_its_cell_and_not_taken(write):
    (found,) = view(write([row(1, "重复收费", fund_amount="5", intent_to_defraud="否")]))["rows"]
    assert "自查.csv!K2" in [fault["place"] for fault in found["faults"]]
    assert found["fine_range"]["high"] is None, "article 40 is still possible"


def test_reasons_lead_to_cells(write):
    result = next(assessing.assess_rows(read(write([row(1, "重复收费", fund_amount="5")]), forms()), *assessed()))
    places = {s.place for act in result.explanation.result.settled.reasons for s in act.statements}
    assert {"自查.csv!E2", "自查.csv!H2"} <= places and all(place.startswith("自查.csv!") for place in places)


def test_an_unknown_label_is_refused_with_what_to_do(write):
    (found,) = view(write([row(1, "胡乱写的", fund_amount="5")]))["rows"]
    assert found["status"] == "refused" and found["label"] == "胡乱写的"
    assert [fault["place"] for fault in found["faults"] if fault["refused"]] == ["自查.csv!E2"]


def test_claims_count_towards_leniency_only_as_claims(write):
    found = view(write([row(1, "重复收费", fund_amount="5", voluntarily_confessed="是"), row(2, "重复收费")]))
    claimed = {item["item"]: item for item in found["self_report"]}
    assert claimed["CJ10.i4"]["claimed_rows"] == ["1"] and len(claimed["CJ10.i4"]["authority_must_find"]) == 3
    assert sorted(claimed) == ["CJ10.i2", "CJ10.i4", "CJ10.i7", "CJ10.i8"]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_both_languages_have_the_same_figures(write, language):
    path = write(mixed(12))
    one, other = view(path), view(path, language=language)
    assert [r["provisional_fine"] for r in one["rows"]] == [r["provisional_fine"] for r in other["rows"]]
    assert one["summary"]["provisional_fine"]["high"] == other["summary"]["provisional_fine"]["high"]


def test_page_one_shows_what_was_understood(tmp_path):
    """A code in full width, a day as the serial number of Excel, the number of a row in full width."""
    book = Workbook()
    book.active.title = "填报单位"
    for line in (["机构编码", "Ｈ１　２"], ["机构名称", "某医院"], ["自查期间起", 45356], ["填报日期", "去年"]):
        book.active.append(line)
    sheet = book.create_sheet("问题")
    for line in (["序号", "违规行为", "违规费用（元）"], ["０１", "重复收费", 5]):
        sheet.append(line)
    book.save(tmp_path / "a.xlsx")
    found = view(tmp_path / "a.xlsx")
    assert [item["shown"] for item in found["institution"]] == ["H12", "某医院", "2024-03-05", "去年", "没有填写"]
    assert found["receipt"]["institution"] == "H12"
    assert [item["numbers"] for item in found["summary"]["this_week"]][0] == ["01"]


PRACTICE = "序号,违规行为,基本概念,违规内容,违规例(次)数,违规金额(万元),备注\n"


def test_what_is_missing_of_the_institution_is_told_once_at_the_head(tmp_path):
    """The practice form asks for no code and no type: each row is assessed all the same, and none repeats it."""
    rows = "".join(f"{n},重复收费,xx,多收,1,0.1,\n" for n in range(1, 5))
    path = tmp_path / "统计表.csv"
    path.write_text("填报单位：甲医院\n" + PRACTICE + rows, encoding="utf-8")
    found = view(path)
    assert [item["label"] for item in found["institution"] if item["shown"] == "没有填写"] == ["机构编码", "机构类型"]
    assert [f["place"] for f in found["faults"] if "机构编码、机构类型" in f["message"]] == ["统计表.csv"]
    told = [fault["message"] for row in found["rows"] for fault in row["faults"]]
    assert len(told) == 4 and not [text for text in told if "机构编码" in text]
    assert [row["status"] for row in found["rows"]] == ["assessed"] * 4
    assert found["duties"] == [], "the form asks for none"


def test_missing_facts_are_named_by_the_columns_of_the_form_in_use(write, tmp_path):
    """By the header where a column asks for the fact, else by its own name."""
    own = view(write([row(1, "重复收费", billed_amount="5", act_date="")]))
    names = {item["fact"]: item["label"] for item in own["summary"]["missing"]}
    assert (names["act_date"], names["loss_amount"]) == ("起始日期", "其中造成医保基金损失（元）")
    lines = own["rows"][0]["missing"]
    assert [line for line in lines if line.startswith("“起始日期”一栏：")]
    assert not [line for line in lines if "act_date" in line or "loss_amount" in line]
    assert [line for line in lines if "（intent_to_defraud）" in line], "what only the authority may find has no column"
    path = tmp_path / "统计表.csv"
    path.write_text(PRACTICE + "1,重复收费,xx,多收,1,0.1,\n", encoding="utf-8")
    other = view(path)
    names = {item["fact"]: item["label"] for item in other["summary"]["missing"]}
    assert (names["act_date"], names["loss_amount"]) == ("违法行为发生之日", "造成损失金额")
    assert [line for line in other["rows"][0]["missing"] if line.startswith("违法行为发生之日（act_date）")]
    assert "“起始日期”" in next(i["text"] for i in own["summary"]["this_week"] if i["text"].startswith("补充"))


def test_a_return_that_is_open_for_every_row_is_no_nought(write):
    summary = view(write([row(1, "重复收费", billed_amount="5")]))["summary"]
    assert (summary["return"]["amount"], summary["return"]["open_rows"]) == (None, 1)
    assert summary["fine_range"]["note"] == "共 1 行，罚款都尚未确定，最低按零计，也都说不出上限。"


# --- totals -----------------------------------------------------------------------------------------------------------


def assessed():
    return Setting("oxigraph", {}), forms()


def totals(path: Path, chunk: int, seed: int | None = None) -> Totals:
    """The totals of a report, assessed in chunks and added up in another order."""
    setting, known = assessed()
    found = list(assessing.assess_rows(read(path, known), setting, known, chunk))
    if seed is not None:
        random.Random(seed).shuffle(found)
    sums = Totals()
    for result in found:
        sums.add(number_shown(result), figures_of(setting.knowledge, known, result))
    return sums


def test_totals_do_not_depend_on_chunks_or_order(write):
    path = write(mixed(30))
    whole = totals(path, 35)
    assert whole.settled.rows and whole.likely.high > 0 and whole.status[assessing.Status.REFUSED] == 3
    assert totals(path, 1) == whole and totals(path, 7) == whole
    other = totals(path, 4, seed=1)
    assert (other.settled, other.likely, other.status, other.amounts) == (
        whole.settled,
        whole.likely,
        whole.status,
        whole.amounts,
    )
    for name in ("categories", "needs", "todo"):
        ones, others = getattr(whole, name), getattr(other, name)
        assert {k: sorted(v) for k, v in ones.items()} == {k: sorted(v) for k, v in others.items()}


def test_every_row_is_counted_once(write):
    summary = view(write(mixed(30)))["summary"]
    parts = [summary[name] for name in ("assessed", "questions", "contract", "refused")]
    assert sum(parts) == summary["rows"] == 30 and all(parts)


def test_the_sum_is_that_of_the_rows(write):
    found = view(write(mixed(30)))
    highs = [r["provisional_fine"]["high"] for r in found["rows"] if r["provisional_fine"]]
    cents = sum(round(float(high) * 100) for high in highs if high)
    assert found["summary"]["provisional_fine"]["high"] == f"{cents // 100}.{cents % 100:02}"
    assert found["summary"]["provisional_fine"]["no_end_rows"] == highs.count(None) > 0


def test_the_reference_engine_finds_the_same(write):
    path = write(mixed(6))
    one, other = view(path), view(path, engine="reference")
    assert one["rows"] == other["rows"] and one["summary"] == other["summary"]


# --- receipts ---------------------------------------------------------------------------------------------------------


def test_a_receipt_is_verified_and_a_change_is_told(write, run, tmp_path):
    path = write([row(1, "重复收费", fund_amount="5")])
    assert run("report", path, "-o", tmp_path / "out", "--format", "json")[0] == 0
    receipt = tmp_path / "out" / "自查-H1.receipt.json"
    status, out, err = run("verify", receipt, path)
    assert (status, err) == (0, "") and "一致" in out and "不一致" not in out
    write([row(1, "重复收费", fund_amount="6")])
    status, out, _ = run("verify", receipt, path)
    assert status == 1 and out.count("不一致") == 2, "input and result"
    content = json.loads(receipt.read_text(encoding="utf-8"))
    name = next(iter(content["files"]))
    content["files"][name] = "0" * 64
    receipt.write_text(json.dumps(content), encoding="utf-8")
    assert name in run("verify", receipt, path)[1]


@pytest.mark.parametrize(
    "changed, told",
    [
        ({2: "7"}, "不同的行（共 1 行）：自查.csv!A4"),
        ({0: "7", 12: "7"}, "不同的行（共 2 行）：自查.csv!A2、自查.csv!A14"),
        (dict.fromkeys(range(12), "7"), "共 12 行，只列前几行）：自查.csv!A2、自查.csv!A3、自查.csv!A4、自查.csv!A5、"),
        (dict.fromkeys(range(11, 13)), "凭据中的最后 2 行现在没有了。"),
        ({13: "7"}, "不同的行（共 1 行）：自查.csv!A15"),
    ],
)
def test_a_verification_names_the_rows_that_differ(write, run, tmp_path, changed, told):
    """``changed`` are the losses of rows by their position from 0; None takes a row away."""
    losses = dict.fromkeys(range(13), "5")
    path = write([row(n, "重复收费", fund_amount=loss) for n, loss in losses.items()])
    run("report", path, "-o", tmp_path / "out", "--format", "json")
    write([row(n, "重复收费", fund_amount=loss) for n, loss in {**losses, **changed}.items() if loss])
    status, out, _ = run("verify", tmp_path / "out" / "自查-H1.receipt.json", path)
    assert status == 1 and told in out and ("自查.csv!A12" not in out)
    assert len(json.loads((tmp_path / "out" / "自查-H1.receipt.json").read_bytes())["rows"]) == 13 * 13 - 1


def test_a_verification_says_where_no_row_differs(write, run, tmp_path):
    path = write([row(1, "重复收费", fund_amount="5")])
    run("report", path, "-o", tmp_path / "out", "--format", "json")
    write([row(1, "重复收费", fund_amount="5", institution_name="别的医院")])
    assert "各行均相同" in run("verify", tmp_path / "out" / "自查-H1.receipt.json", path)[1]


def test_a_renamed_file_gives_the_same_result(write, run, tmp_path):
    rows = [
        *mixed(7),
        row(8, "胡乱写的", voluntarily_confessed="是"),
        {**row(0, "重复收费", fund_amount="5"), "number": ""},
    ]
    path = write(rows)
    run("report", path, "-o", tmp_path / "out", "--format", "json")
    receipt = tmp_path / "out" / "自查-H1.receipt.json"
    assert run("verify", receipt, path.rename(tmp_path / '改"名.csv'))[0] == 0
    write(rows[:-1], '改"名.csv')
    assert run("verify", receipt, tmp_path / '改"名.csv')[0] == 1


def first_row(report: dict) -> None:
    report["rows"][0]["amounts"]["fund"] = "1.00"


def first_row_and_its_digest(report: dict) -> None:
    first_row(report)
    listed = digest_of(report, report["file"]).rows
    report["receipt"]["rows"] = listed


def last_row(report: dict) -> None:
    report["rows"].pop()


def total(report: dict) -> None:
    report["summary"]["provisional_fine"]["high"] = "0.00"


def rows_listed(report: dict) -> None:
    report["receipt"]["rows"] = report["receipt"]["rows"].replace(" ", " 0", 1)


def file_named(report: dict) -> None:
    report["file"] = "别的.csv"


def rows_unlike_any(report: dict) -> None:
    report["rows"] = [1, {"place": 2}, None]


def all_consistently(report: dict) -> None:
    first_row(report)
    own = digest_of(report, report["file"])
    report["receipt"] |= {"result": own.text, "rows": own.rows}


ALTERED, FORGED = "其内容不是其中的凭据所记的结果", "所列各行的摘要不是该结果的摘要"


@pytest.mark.parametrize(
    "alter, told",
    [
        (first_row, [ALTERED, "不同的行（共 1 行）：自查.csv!A2"]),
        (first_row_and_its_digest, [FORGED, "：自查.csv!A2", ALTERED, "不同的行（共 1 行）：自查.csv!A2"]),
        (last_row, [ALTERED, "最后 1 行"]),
        (total, [ALTERED, "各行均相同"]),
        (rows_listed, [FORGED, "不同的行（共 1 行）：自查.csv!A3"]),
        (file_named, [ALTERED, "各行均相同"]),
        (rows_unlike_any, [ALTERED, "不同的行（共 3 行）：1、2、3"]),
        (all_consistently, ["结果的 SHA-256", "不同的行（共 1 行）：自查.csv!A2"]),
    ],
)
def test_an_altered_report_does_not_pass(write, run, tmp_path, alter, told):
    path = write([row(n, "重复收费", fund_amount="5") for n in range(1, 4)])
    run("report", path, "-o", tmp_path / "out", "--format", "json")
    report = tmp_path / "out" / "自查-H1.json"
    assert run("verify", report, path)[:2] == (0, "一致：输入、知识库、版本、解释、方案、引擎和结果均与凭据相同。\n")
    content = json.loads(report.read_bytes())
    alter(content)
    report.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    status, out, err = run("verify", report, path)
    lines = out.splitlines()
    assert (status, err, len(lines)) == (1, "", len(told)) and all(map(str.__contains__, lines, told)), out


def test_an_altered_report_is_told_from_a_changed_input(write, run, tmp_path):
    """The receipt is still that of the report, so that only the row that the input changed differs."""
    path = write([row(n, "重复收费", fund_amount="5") for n in range(1, 4)])
    run("report", path, "-o", tmp_path / "out", "--format", "json")
    report = tmp_path / "out" / "自查-H1.json"
    write([row(n, "重复收费", fund_amount="5" if n < 3 else "7") for n in range(1, 4)])
    _, out, _ = run("verify", report, path)
    assert "改动过" not in out and "不同的行（共 1 行）：自查.csv!A4" in out
    content = json.loads(report.read_bytes())
    rows_listed(content)
    report.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    _, out, _ = run("verify", report, path)
    assert FORGED in out and ALTERED not in out
    assert out.count("不同的行（共 1 行）：自查.csv!A4") == out.count("不同的行（共 1 行）：自查.csv!A3") == 1


def test_a_falsified_list_of_rows_does_not_pass(write, run, tmp_path):
    path = write([row(n, "重复收费", fund_amount="5") for n in range(1, 4)])
    run("report", path, "-o", tmp_path / "out", "--format", "json")
    receipt = tmp_path / "out" / "自查-H1.receipt.json"
    content = {"receipt": json.loads(receipt.read_bytes())}
    rows_listed(content)
    receipt.write_text(json.dumps(content["receipt"]), encoding="utf-8")
    status, out, _ = run("verify", receipt, path)
    assert status == 1 and FORGED in out and "不同的行（共 1 行）：自查.csv!A3" in out


def test_a_receipt_holds_no_clock_and_no_path(write, tmp_path):
    path = write(mixed(5))
    one, other = view(path)["receipt"], view(path)["receipt"]
    assert one == other and str(tmp_path) not in json.dumps(one, ensure_ascii=False)


def test_a_receipt_names_the_readings_that_are_followed(write):
    """The defaults as well as those that are chosen."""
    path, known = write(mixed(1)), readings()
    chosen = replace(job(path.parent, "json"), setting=Setting("oxigraph", {"twenty-percent": "B"}))
    usual = {name: alternatives[0] for name, alternatives in known.items()}
    assert view(path)["receipt"]["readings"] == usual
    assert view_of(read(path, forms()), chosen)["receipt"]["readings"] == usual | {"twenty-percent": "B"}


def test_what_is_no_receipt_is_refused(write, run, tmp_path):
    path = write(mixed(1))
    for content in ("no json", "{}", "[]", '{"receipt": 1}', "[" * 9999):
        (tmp_path / "receipt.json").write_text(content, encoding="utf-8")
        status, out, err = run("verify", tmp_path / "receipt.json", path)
        assert (status, out) == (2, "") and "receipt.json" in err


# --- batches ----------------------------------------------------------------------------------------------------------


def result(folder: Path) -> dict[str, bytes]:
    """The finished files of a batch."""
    paths = (p for p in folder.rglob("*") if p.is_file())
    return {str(p.relative_to(folder)): p.read_bytes() for p in paths}


def test_a_stopped_batch_goes_on_and_ends_the_same(write, tmp_path):
    for code in ("H1", "H2", "H3"):
        write(mixed(4, code), f"in/{code}.csv")
    files, *_ = batch.files_in([tmp_path / "in"], tmp_path / "whole")
    batch.run(files, job(tmp_path / "whole", "json"), quiet())

    def stop(name: str, _: dict) -> None:
        if "H2" in name:
            raise KeyboardInterrupt

    stopping = replace(quiet(), report=stop)
    with pytest.raises(KeyboardInterrupt):
        batch.run(files, job(tmp_path / "parts", "json"), stopping)
    assert batch.run(files, job(tmp_path / "parts", "json"), quiet()).kept == 2
    assert result(tmp_path / "parts") == result(tmp_path / "whole")


def test_a_changed_file_is_assessed_again(write, tmp_path):
    path = write(mixed(3))
    batch.run([path], job(tmp_path / "out", "json"), quiet())
    write(mixed(4))
    assert batch.run([path], job(tmp_path / "out", "json"), quiet()).kept == 0


@pytest.mark.parametrize(
    ("rows", "chinese", "english"),
    [
        ([row(1, "违反协议")], "没有评估任何一行", "1 row, 0 assessed, 0 to be asked, 1 of the agreement, "),
        (
            [row(1, "重复收费")],
            "暂定罚款至少 0.00 元，说不出上限（1 行",
            "at least 0.00 yuan, no upper end to be told (1 row open,",
        ),
        (
            [row(1, "重复收费", fund_amount="5")],
            "暂定罚款 0.00 至 10.00 元（",
            "provisional fine 0.00 to 10.00 yuan (1 row open)",
        ),
        (
            [row(1, "重复收费", fund_amount="5"), row(2, "重复收费")],
            "说得出上限的 1 行合计至多 10.00 元",
            "2 rows open, 1 without an upper end; the 1 with one comes to 10.00 yuan at most",
        ),
    ],
)
def test_the_line_on_a_report_tells_the_fine_as_its_first_page_does(write, run, tmp_path, rows, chinese, english):
    for language, told in (("zh", chinese), ("en", english)):
        _, out, _ = run("report", write(rows), "-o", tmp_path / language, "--lang", language, "--format", "json")
        assert told in out and "1 rows" not in out


def test_a_folder_with_a_faulty_file(write, run, tmp_path):
    for code in ("H1", "H2"):
        write([row(1, "重复收费", code, fund_amount="5")], f"in/{code}.csv")
    (tmp_path / "in" / "broken.csv").write_bytes(b"")
    (tmp_path / "in" / "a-mark.json").write_bytes(b"\xef\xbb\xbf")
    status, out, err = run("report", tmp_path / "in", "-o", tmp_path / "out")
    assert status == 1 and "broken.csv" in err and "a-mark.json" in err
    summary = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
    assert (summary["reports"], summary["rows"], len(summary["set_aside"])) == (2, 2, 2)
    assert summary["provisional_fine"]["high"] == "20.00"
    assert list((tmp_path / "out" / "set-aside").iterdir()) and "summary.html" in out


def closed(monkeypatch, name: str, when: str = "rb") -> None:
    """Let files of this name be opened in no such mode."""
    own = Path.open

    def opened(self, mode="r", *rest, **given):
        if self.name == name and mode == when:
            raise PermissionError(errno.EACCES, "Permission denied", str(self))
        return own(self, mode, *rest, **given)

    monkeypatch.setattr(Path, "open", opened)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_files_of_a_folder_that_cannot_be_opened_are_set_aside(write, run, monkeypatch, tmp_path, language):
    write([row(1, "重复收费", fund_amount="5")], "in/z.csv")
    for name in ("a.csv", "b.csv", "c.csv"):
        write([row(1, "重复收费", fund_amount="5")], f"in/{name}")
    (tmp_path / "in" / "c.csv").rename(tmp_path / "in" / "c.csv.bak")
    (tmp_path / "in" / "c.csv").symlink_to("nowhere.csv")
    (tmp_path / "in" / "d.xlsx").mkdir()
    closed(monkeypatch, "a.csv")
    closed(monkeypatch, "b.csv", "r")  # so it is shut once the reading has begun
    status, out, err = run("--lang", language, "report", tmp_path / "in", "-o", tmp_path / "out")
    summary = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
    names = ["a.csv", "b.csv", "c.csv", "d.xlsx"]
    assert (status, summary["reports"]) == (1, 1) and [item["file"] for item in summary["set_aside"]] == names
    told = {
        "zh": ["没有权限"] * 2 + ["没有这个文件或者文件夹", "是文件夹，不是文件"],
        "en": ["permission denied"] * 2 + ["no such file or folder", "it is a folder"],
    }
    for name, reason in zip(names, told[language], strict=True):
        note = (tmp_path / "out" / "set-aside" / f"{name}.txt").read_text(encoding="utf-8")
        assert reason in note and f"{name}{'：' if language == 'zh' else ':'}" in err


def test_a_folder_that_may_not_be_gone_into_is_set_aside(write, run, monkeypatch, tmp_path):
    write([row(1, "重复收费", fund_amount="5")], "in/z.csv")
    (tmp_path / "in" / "shut").mkdir()
    own = os.scandir

    def listed(path):
        if Path(path).name == "shut":
            raise PermissionError(errno.EACCES, "Permission denied", path)
        return own(path)

    monkeypatch.setattr(os, "scandir", listed)
    status, out, err = run("report", tmp_path / "in", "-o", tmp_path / "out")
    assert status == 1 and "shut" in err
    assert json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))["reports"] == 1


def test_of_several_files_one_is_missing(write, run, tmp_path):
    given = write([row(1, "重复收费", fund_amount="5")], "z.csv")
    status, out, err = run("report", tmp_path / "missing.csv", given, "-o", tmp_path / "out")
    assert (status, "missing.csv" in err, "summary.html" in out) == (1, True, True)


@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_full_disk_stops_the_command_and_names_a_path(write, run, monkeypatch, tmp_path, count, language):
    """Also where the system does not say which file it is about, and whether or not there are other files."""
    files = [write([row(1, "重复收费", fund_amount="5")], f"{name}.csv") for name in range(count)]
    monkeypatch.setattr(os, "fsync", lambda _: (_ for _ in ()).throw(OSError(errno.ENOSPC, "No space left on device")))
    status, out, err = run("--lang", language, "report", *files, "-o", tmp_path / "out")
    assert (status, len(err.splitlines())) == (2, 1) and f"{tmp_path / 'out'}" in err
    assert {"zh": "磁盘空间不足", "en": "no space left on the disk"}[language] in err


def test_a_file_that_was_set_aside_and_then_mended_leaves_no_note(write, run, tmp_path):
    for name in ("a", "b"):
        (tmp_path / f"{name}.csv").write_bytes(b"")
    run("report", tmp_path / "a.csv", tmp_path / "b.csv", "-o", tmp_path / "out")
    notes = tmp_path / "out" / "set-aside"
    assert {path.name for path in notes.iterdir()} == {"a.csv.txt", "b.csv.txt"}
    write([row(1, "重复收费", "H1", fund_amount="5")], "a.csv")
    run("report", tmp_path / "a.csv", tmp_path / "b.csv", "-o", tmp_path / "out")
    assert {path.name for path in notes.iterdir()} == {"b.csv.txt"}
    write([row(1, "重复收费", "H2", fund_amount="5")], "b.csv")
    run("report", tmp_path / "a.csv", tmp_path / "b.csv", "-o", tmp_path / "out")
    assert not notes.exists()


def test_the_summary_does_not_depend_on_how_rows_are_spread_over_files(write, run, tmp_path):
    rows = [r for code in ("H1", "H2", "H3") for r in mixed(5, code)]
    write(rows, "one/all.csv")
    random.Random(2).shuffle(rows)
    write(rows, "two/all.csv")
    found = []
    for name in ("one", "two"):
        run("report", tmp_path / name, "-o", tmp_path / f"out-{name}", "--format", "json")
        found.append(json.loads((tmp_path / f"out-{name}" / "summary.json").read_bytes()))
    assert found[0] == found[1] and found[0]["reports"] == 3


def test_rows_of_an_institution_that_stand_apart_are_one_report(write, run, tmp_path):
    codes = ("H1", "H2", "Ｈ １", "H2", "H1")
    rows = [row(n, "重复收费", code, fund_amount="5") for n, code in enumerate(codes, 1)]
    status, out, err = run("report", write(rows), "-o", tmp_path / "out", "--format", "json")
    assert status == 0 and "2 份报告" in out
    assert len(err.splitlines()) == 3, "only that columns, the day of the report and the duties are missing"
    for code, places in (("H1", ["A2", "A4", "A6"]), ("H2", ["A3", "A5"])):
        found = json.loads((tmp_path / "out" / f"自查-{code}.json").read_bytes())
        assert [r["place"] for r in found["rows"]] == [f"自查.csv!{place}" for place in places]
        assert found["institution"][0]["shown"] == found["receipt"]["institution"] == code


def test_the_summary_lists_the_reports_of_this_run_with_links_and_amounts(write, run, tmp_path):
    write([row(1, "重复收费", "H9", fund_amount="7")], "in/旧.csv")
    run("report", tmp_path / "in", "-o", tmp_path / "out")
    (tmp_path / "in" / "旧.csv").unlink()
    write([row(1, "重复收费", fund_amount="5"), row(2, "重复收费", fund_amount="-5")], "in/a b.csv")
    run("report", tmp_path / "in", "-o", tmp_path / "out")
    page = (tmp_path / "out" / "summary.html").read_text(encoding="utf-8")
    cells = '<td>H1</td><td class="count">2</td><td class="count">1</td>'
    assert f'<a href="a%20b-H1.html">a b.csv</a></td>{cells}' in page and page.count("<a href") == 1
    assert "<td>1</td><td>5.00</td><td>0</td><td>0.00</td><td>10.00</td><td>0</td>" in page and "H9" not in page


def test_an_unknown_amount_is_no_nought_in_the_summary(write, run, tmp_path):
    """Of H1 one loss is stated, one is not and one is refused; of H2 none is, and of its fine no end can be told."""
    write(
        [row(1, "重复收费", fund_amount="1500"), row(2, "重复收费"), row(3, "重复收费", fund_amount="-5")], "in/1.csv"
    )
    write([row(1, "重复收费", "H2")], "in/2.csv")
    run("report", tmp_path / "in", "-o", tmp_path / "out")
    summary = json.loads((tmp_path / "out" / "summary.json").read_bytes())
    amounts = [summary[name]["fund"] for name in ("amounts", "amounts_open_rows", "amounts_open_reports")]
    assert amounts == ["1500.00", 3, 2] and summary["amounts"]["returned"] is None
    (article,) = summary["articles"]
    assert (article["fund_loss"], article["loss_open_rows"]) == ("1500.00", 2)
    page = (tmp_path / "out" / "summary.html").read_text(encoding="utf-8")
    assert "<td>其中基金损失</td><td>1,500.00</td><td>3</td><td>2</td>" in page
    assert "<td>已退回</td><td>不明</td><td>4</td><td>2</td>" in page and "<td>1,500.00</td><td>2</td>" in page
    (tmp_path / "in" / "1.csv").unlink()
    run("report", tmp_path / "in", "-o", tmp_path / "other")
    summary = json.loads((tmp_path / "other" / "summary.json").read_bytes())
    assert summary["articles"][0]["fund_loss"] is summary["provisional_fine"]["high"] is None
    assert "最高 （说不出上限）" in (tmp_path / "other" / "summary.html").read_text(encoding="utf-8")


def test_the_summary_leaves_no_row_out_and_counts_a_fact_once(write, run, tmp_path):
    """H1 has a row of each kind in one form; the same in the practice form, of which no type is known."""
    labels = ("重复收费", "虚构医药服务项目", "违反协议", "胡乱写的")
    write([row(n, label, institution_type="医院") for n, label in enumerate(labels, 1)], "in/1.csv")
    rows = "".join(f"{n},{label},xx,多收,1,0.1,\n" for n, label in enumerate(labels, 1))
    (tmp_path / "in" / "统计表.csv").write_text("填报单位：甲医院\n" + PRACTICE + rows, encoding="utf-8")
    run("report", tmp_path / "in", "-o", tmp_path / "out")
    summary = json.loads((tmp_path / "out" / "summary.json").read_bytes())
    assert {item["label"]: item["rows"] for item in summary["unassessed"]} == {
        "协议事项（不在此评估）": 2,
        "待更正后评估": 2,
    }
    lines = [item for name in ("articles", "unplaced", "unassessed") for item in summary[name]]
    assert sum(item["rows"] for item in lines) == summary["rows"] + summary["counted_again"] == 8
    assert summary["categories"] == [] and summary["categories_open"] == 4
    missing = {item["label"]: item["rows"] for item in summary["missing"]}
    assert missing["造成损失金额"] == 2 and "其中造成医保基金损失（元）" not in missing
    groups = {group["label"]: {v["label"]: v["rows"] for v in group["values"]} for group in summary["groups"]}
    assert groups["机构类型"] == {"医院": 4, "没有填写": 4}
    page = (tmp_path / "out" / "summary.html").read_text(encoding="utf-8")
    assert "<td>条文尚未确定</td><td>2</td>" in page and "<td>待更正后评估</td><td>2</td>" in page
    assert "裁量档次尚未确定" in page and "size: A4" in page and '<td class="label">没有填写</td>' in page


def test_an_institution_in_two_files_is_told(write, run, tmp_path):
    for name, code in (("1", "H1"), ("2", "H2"), ("3", "H1")):
        write([row(1, "重复收费", code, fund_amount="5")], f"in/{name}.csv")
    _, _, err = run("report", tmp_path / "in", "-o", tmp_path / "out")
    summary = json.loads((tmp_path / "out" / "summary.json").read_bytes())
    assert summary["repeated"] == [{"institution": "H1", "files": ["1.csv", "3.csv"]}]
    assert "<li>H1: 1.csv、3.csv</li>" in (tmp_path / "out" / "summary.html").read_text(encoding="utf-8")
    assert "机构 H1 在几个文件中都有报告" in err and "H2" not in err


def test_files_that_are_no_reports_are_named(write, run, tmp_path):
    write([row(1, "重复收费", fund_amount="5")], "in/1.csv")
    for name in ("a.pdf", "deep/b.et", ".hidden.txt", "~$c.doc"):
        (tmp_path / "in" / name).parent.mkdir(exist_ok=True)
        (tmp_path / "in" / name).write_bytes(b"")
    status, _, err = run("report", tmp_path / "in", "-o", tmp_path / "in" / "out")
    assert status == 0 and "有 2 个文件不是可以读取的类型" in err and "没有读取：a.pdf、deep/b.et" in err
    for _ in range(2):  # what the first run wrote is not among them
        run("report", tmp_path / "in", "-o", tmp_path / "in" / "out")
        summary = json.loads((tmp_path / "in" / "out" / "summary.json").read_bytes())
        assert summary["passed_over"] == ["a.pdf", "deep/b.et"]
    assert "<li>deep/b.et</li>" in (tmp_path / "in" / "out" / "summary.html").read_text(encoding="utf-8")


def test_a_stop_says_how_to_go_on(write, tmp_path, monkeypatch, capsys):
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(batch, "run", stop)
    path = write([row(1, "重复收费")])
    with pytest.raises(KeyboardInterrupt):
        cli.main(["report", str(path), "-o", str(tmp_path / "out")])
    (line,) = capsys.readouterr().err.splitlines()
    assert "从没有完成的报告继续" in line and str(tmp_path / "out") in line


@pytest.mark.parametrize(
    "loss, band",
    [
        (None, "unknown"),
        ("0", "zero"),
        ("0.01", "below"),
        ("999.99", "below"),
        ("1000", "from_3"),
        ("9999.99", "from_3"),
        ("10000", "from_4"),
        ("100000", "from_5"),
        ("999999.99", "from_5"),
        ("1000000", "from_6"),
        ("1E+12", "from_6"),
    ],
)
def test_bands_of_losses(loss, band):
    assert band_of(None if loss is None else Decimal(loss)) == band


def test_losses_are_spread_over_rows_and_reports(write, run, tmp_path):
    """H1 states 500 and 600, hence 1,100 in all, and one loss is open; H2 states nothing, H3 nought."""
    write([row(n, "重复收费", fund_amount=x) for n, x in enumerate(("500", "600", ""), 1)], "in/1.csv")
    write([row(1, "违反协议", "H2")], "in/2.csv")
    write([row(1, "重复收费", "H3", fund_amount="0")], "in/3.csv")
    run("report", tmp_path / "in", "-o", tmp_path / "out")
    summary = json.loads((tmp_path / "out" / "summary.json").read_bytes())
    counts = [{x["band"]: x["count"] for x in summary[f"loss_per_{name}"] if x["count"]} for name in ("row", "report")]
    assert counts == [{"zero": 1, "below": 2, "unknown": 2}, {"zero": 1, "from_3": 1, "unknown": 1}]
    page = (tmp_path / "out" / "summary.html").read_text(encoding="utf-8")
    assert summary["loss_partly_stated"] == 1 and "有 1 份报告只写明了部分行的损失" in page
    bars = re.findall(r"<b>(\d)</b><span style=.height: ([0-9.]+)em.></span><i>(.*?)</i>", page)
    assert bars[:2] == [("1", "4.0", "0"), ("2", "8.0", "不满1千")] and len(bars) == 14
    assert '<div class="unknown"><b>2</b>' in page
    csv_lines = (tmp_path / "out" / "summary.csv").read_text(encoding="utf-8-sig").splitlines()
    assert "基金损失的分布：各档报告份数,1千–1万,1" in csv_lines


def test_what_was_deleted_of_a_finished_report_is_made_again(write, run, tmp_path):
    given = ("report", write([row(1, "重复收费", fund_amount="5")]), "-o", tmp_path / "out")
    run(*given)
    whole = result(tmp_path / "out")
    for name in (name for name in whole if not name.startswith(".")):
        (tmp_path / "out" / name).unlink()
        run(*given)
        assert sorted(result(tmp_path / "out")) == sorted(whole), name


# --- what ends with a status of its own --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path, name, status",
    [
        ((), "problems", 0),
        ((), "unheard_of", 0),
        ((), "problem", 1),
        (("institution",), "institution_nam", 1),
        (("duties",), "D13.l", 1),
        (("problems", 0), "fund_amounts", 1),
    ],
)
def test_a_misspelt_key_is_told_and_ends_with_a_status(run, tmp_path, path, name, status):
    content = {"institution": {"institution_code": "H1"}, "problems": [{"label": "重复收费"}], "duties": {}}
    part = content
    for step in path:
        part = part[step]
    part.setdefault(name, None)
    (tmp_path / "a.json").write_text(json.dumps(content), encoding="utf-8")
    found, _, err = run("report", tmp_path / "a.json", "-o", tmp_path / "out", "--format", "json")
    told = [*json.loads((tmp_path / "out" / "a-H1.json").read_bytes())["faults"]]
    told += [fault for r in json.loads((tmp_path / "out" / "a-H1.json").read_bytes())["rows"] for fault in r["faults"]]
    assert found == status and (name == "problems") != any(fault["place"].endswith(f".{name}") for fault in told)


@pytest.mark.parametrize(("header", "status"), [("问题描叙", 1), ("楼层", 0), ("违规行为人", 0)])
def test_a_misspelt_header_is_told_and_ends_with_a_status(run, tmp_path, header, status):
    """One that is merely extra is a note, even where it is like one that is there already."""
    (tmp_path / "a.csv").write_text(f"序号,违规行为,{header}\n1,重复收费,文字\n", encoding="utf-8")
    found, _, err = run("report", tmp_path / "a.csv", "-o", tmp_path / "out", "--format", "json")
    assert found == status and "a.csv!C1" in err and ("是否指" in err) == (status == 1)


def test_faults_say_on_which_clause_they_rest_and_what_of_a_day_is_missing(write):
    """The amounts and the days rest on the clauses of their columns, the word for a problem on the articles."""
    rows = [
        row(1, "重复收费", act_date="2024年3月"),
        row(2, "胡乱写的"),
        row(3, "重复收费", billed_amount="-5"),
        row(4, "", act_date="2024-13"),
    ]
    found = view(write(rows))["rows"]
    told = [{(f["message"].partition("；")[0], f["clause"]) for f in one["faults"] if f["refused"]} for one in found]
    articles = "《条例》第三十八条；《条例》第三十九条；《条例》第四十条"
    assert told == [
        {("缺少日：只写了年和月", "《裁量基准》第九条第（六）项")},
        {("不是已知的违规行为", articles)},
        {("金额不能为负", "《条例》第三十八条（责令退回）")},
        {("没有写明违规行为", articles), ("没有这一天，或者没有写成“年-月-日”", "《裁量基准》第九条第（六）项")},
    ]


def test_a_csv_says_where_the_duties_are_answered(write, run, tmp_path):
    report = view(write([row(1, "重复收费")]))
    assert [f["refused"] for f in report["faults"] if "义务清单" in f["message"]] == [False]
    assert "义务清单" in run("template", tmp_path / "a.csv")[1]
    assert "义务清单" not in run("template", tmp_path / "a.xlsx")[1]


# --- what is read is never written -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("language", "words"), [("zh", "是文件，不是文件夹"), ("en", "is a file and no folder")])
def test_results_do_not_go_into_a_file(write, run, language, words):
    path = write([row(1, "重复收费", fund_amount="5")])
    before = path.read_bytes()
    status, out, err = run("--lang", language, "report", path, "-o", path)
    assert (status, out, err.count("\n")) == (2, "", 1) and words in err
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "inputs, output",
    [
        (["in/a.xlsx"], "in"),
        (["in/a.xlsx", "in/H1.csv"], "in/."),
        (["in/H1.csv", "link/a.xlsx"], "in/../link"),
        (["in"], "link"),
        (["in", "in/out/set-aside/a.json"], "in/out"),
    ],
)
def test_results_are_not_mixed_with_what_is_read(write, run, monkeypatch, tmp_path, inputs, output):
    write(mixed(2), "in/H1.csv")
    for name in ("a.xlsx", "out/set-aside/a.json"):
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / name).write_bytes(b"as it was")
    (tmp_path / "link").symlink_to("in")
    monkeypatch.chdir(tmp_path)
    before = result(tmp_path)
    status, out, err = run("report", *inputs, "-o", output)
    assert (status, out, len(err.splitlines())) == (2, "", 1) and inputs[-1] in err or inputs[0] in err
    assert result(tmp_path) == before


def test_a_folder_of_results_below_what_is_read_is_left_out(write, run, tmp_path):
    write(mixed(3), "in/H1.csv")
    counts = []
    for output in ("in/out", "in/out", "in/other"):
        status, out, err = run("report", tmp_path / "in", "-o", tmp_path / output)
        counts.append((status, json.loads((tmp_path / output / "summary.json").read_bytes())["reports"]))
    assert counts == [(0, 1)] * 3 and "没有读取" in err


def test_a_marked_copy_is_of_the_input_and_follows_no_link(run, tmp_path):
    book = Path(__file__).parents[2] / "examples" / "self-report-hospital.xlsx"
    given, kept = tmp_path / "a.xlsx", tmp_path / "kept.xlsx"
    for path in (given, kept):
        path.write_bytes(book.read_bytes())
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a.marked.xlsx").symlink_to(kept)
    run("report", given, "-o", tmp_path / "out", "--format", "json")
    assert given.read_bytes() == kept.read_bytes() == book.read_bytes()
    assert (tmp_path / "out" / "a.marked.xlsx").read_bytes() != book.read_bytes()


def test_a_marked_copy_goes_when_nothing_is_left_to_be_marked(run, tmp_path):
    header = [column.labels["zh"] for column in problem_sheet(forms().issued).columns]
    given = dict.fromkeys(header, None) | {"违规行为": "重复收费"}
    marked = []
    for amount in (-5, 5):
        book = Workbook()
        book.active.append(header)
        book.active.append(list((given | {"其中造成医保基金损失（元）": amount}).values()))
        book.create_sheet("填报单位").append(["机构编码", "H1"])
        for line in (["机构名称", "某医院"], ["机构类型", "医院"], ["填报日期", "2026-01-05"]):
            book["填报单位"].append(line)
        book.save(tmp_path / "a.xlsx")
        run("report", tmp_path / "a.xlsx", "-o", tmp_path / "out", "--format", "json")
        marked.append([path.name for path in (tmp_path / "out").glob("*.marked.xlsx")])
    assert marked == [["a.marked.xlsx"], []]


def test_no_two_outputs_have_one_name(write, run, tmp_path):
    for name in ("summary.json", "a.json", "a.receipt.json"):
        report = {"institution": {"institution_name": "某医院"}, "problems": [{"number": "1", "label": "重复收费"}]}
        (tmp_path / "in").mkdir(exist_ok=True)
        (tmp_path / "in" / name).write_text(json.dumps(report), encoding="utf-8")
    run("report", tmp_path / "in", "-o", tmp_path / "out", "--format", "json")
    assert json.loads((tmp_path / "out" / "a.receipt.json").read_bytes())["file"] == "a.json"
    summary = json.loads((tmp_path / "out" / "summary.json").read_bytes())
    assert len({item["output"] for item in summary["list"]}) == 3


def test_no_cell_of_the_summary_is_a_formula(write, run, tmp_path):
    given = [row(1, "重复收费", fund_amount="5", institution_type="=1+1"), row(1, "重复收费", "H2")]
    run("report", write(given), "-o", tmp_path / "out", "--format", "json")
    with (tmp_path / "out" / "summary.csv").open(encoding="utf-8-sig", newline="") as file:
        cells = [cell for line in csv.reader(file) for cell in line]
    assert len(cells) > 10 and not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


def on_terminal(*arguments: object, size: tuple[int, int] = (30, 90), stop: str | None = None) -> tuple[int, str]:
    """Run the command on a terminal of ``size``, with Ctrl-C typed once ``stop`` is seen: (exit status, output)."""
    main, terminal = os.openpty()
    termios.tcsetwinsize(terminal, size)

    def own_terminal() -> None:
        os.setsid()
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    command, written = (sys.executable, "-m", "yibaolex", *arguments), b""
    with subprocess.Popen(
        command, stdin=terminal, stdout=terminal, stderr=terminal, preexec_fn=own_terminal
    ) as process:
        os.close(terminal)
        with contextlib.suppress(OSError):  # what reading from a terminal ends in
            while part := os.read(main, 2**12):
                written += part
                if stop is not None and stop.encode() in written:
                    os.write(main, b"\x03")
                    stop = None
    os.close(main)
    return process.returncode, written.decode().replace("\r\n", "\n")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_bar_of_a_terminal_gives_way_to_lines_and_is_gone_at_the_end(write, tmp_path, language):
    for code in ("H1", "H2"):
        write(mixed(40, code), f"in/{code}.csv")
    status, written = on_terminal("--lang", language, "report", tmp_path / "in", "-o", tmp_path / "out")
    assert status == 1 and "[00:" in written
    lines = [line for line in map(left_on_screen, written.split("\n")) if line]
    assert len(lines) == 9 and not [line for line in lines if "[00:" in line]


@pytest.mark.parametrize("size", [(30, 90), (0, 0)])
def test_the_bar_of_many_files_tells_their_share_and_the_rows(write, tmp_path, size):
    for code in ("H1", "H2"):
        write(mixed(3, code), f"in/{code}.csv")
    status, written = on_terminal("report", tmp_path / "in", "-o", tmp_path / "out", "--format", "json", size=size)
    bars = re.findall(r"评估 +(\d+)% \|[^|]*\| (\d)/2 份文件, (\d) 行 \[", written)
    assert status == 0 and bars[0] == ("0", "0", "0") and ("50", "1", "6") in bars


@pytest.mark.parametrize(
    "name, bar",
    [("a.csv", r"评估 100% \|█+\| 3/3 行 \["), ("b.csv", r"评估 100% \|█+\| 3/3 行 \["), ("a.json", r"评估 3 行 \[")],
)
def test_the_bar_of_a_file_tells_the_share_of_its_rows_if_it_is_known(write, tmp_path, name, bar):
    rows = [row(n, "重复收费", evidence="一\n二") for n in range(1, 4)]
    report = {"institution": {"institution_code": "H1"}, "problems": [{"label": "重复收费"}] * 3}
    path = write(rows, name)
    if name == "b.csv":
        path.write_text(path.read_text(encoding="utf-8").replace(",", ";"), encoding="utf-8")
    if path.suffix == ".json":
        path.write_text(json.dumps(report), encoding="utf-8")
    status, written = on_terminal("report", path, "-o", tmp_path / "out", "--format", "json")
    assert status == 0 and re.search(bar, written)


def test_ctrl_c_says_how_to_go_on(write, tmp_path):
    write(mixed(2, "H1"), "in/H1.csv")
    write(mixed(700, "H2"), "in/H2.csv")
    status, written = on_terminal("report", tmp_path / "in", "-o", tmp_path / "out", "--format", "json", stop="H1-H1：")
    last = left_on_screen(written.rstrip("\n").split("\n")[-1])
    assert (status, last[:6]) == (130, "已经停止；已") and str(tmp_path / "out") in last and "Traceback" not in written
    assert [path.name for path in (tmp_path / "out").glob("*.json") if "receipt" not in path.name] == ["H1-H1.json"]


def left_on_screen(line: str) -> str:
    """What is left to be seen of a line after all returns to its beginning."""
    seen = ""
    for part in line.split("\r"):
        seen = part + seen[len(part) :]
    return seen.rstrip()


# --- commands ---------------------------------------------------------------------------------------------------------


def test_one_file_gives_all_formats(write, run, tmp_path):
    status, out, err = run("report", write([row(1, "重复收费", fund_amount="5")]), "-o", tmp_path / "out")
    found = {path.suffix for path in (tmp_path / "out").iterdir() if path.is_file()}
    assert status == 0 and "10.00 元（1 行尚未确定）" in out
    assert found == {".html", ".docx", ".xlsx", ".json", ".ttl"}
    content = json.loads((tmp_path / "out" / "自查-H1.json").read_text(encoding="utf-8"))
    assert content == view(tmp_path / "自查.csv")


def test_the_graph_of_a_report_leads_from_findings_to_cells(write, run, tmp_path):
    run("report", write([row(1, "重复收费", fund_amount="5")]), "-o", tmp_path / "out", "--format", "turtle")
    triples = list(parse(path=str(tmp_path / "out" / "自查-H1.ttl"), format=RdfFormat.TURTLE))
    placed = {t.subject for t in triples if t.predicate.value.endswith("#place") and t.object.value == "自查.csv!H2"}
    derived = [t for t in triples if t.predicate.value.endswith("#wasDerivedFrom") and t.object in placed]
    assert derived, "some finding rests on the statement of the cell"


def test_the_graph_of_a_report_holds_its_receipt(write, run, tmp_path):
    """Every finding leads to the input and to each file of the knowledge base, each with its digest."""
    rows = [row(1, "重复收费", fund_amount="5"), row(2, "违反协议"), row(3, "串换收费")]
    run("report", write(rows), "-o", tmp_path / "out", "--format", "turtle")
    graph = Graph().parse(tmp_path / "out" / "自查-H1.ttl")
    receipt = json.loads((tmp_path / "out" / "自查-H1.receipt.json").read_bytes())
    given, digest = (
        [receipt["input"], receipt["knowledge"], *receipt["files"].values()],
        "spdx:checksum/spdx:checksumValue",
    )
    used = f"?activity a y:ReportActivity ; prov:used ?used . ?used {digest} ?digest"
    assert sorted(str(d) for (d,) in graph.query(f"SELECT ?digest {{ {used} }}")) == sorted(given)
    named = graph.query(f"SELECT ?name ?digest {{ {used} . ?used dcterms:title ?name }}")
    assert {str(n): str(d) for n, d in named} == {receipt["file"]: receipt["input"], **receipt["files"]}
    of_case = "?finding a y:Finding ; prov:wasGeneratedBy/prov:wasInformedBy+"
    unled = graph.query(f"SELECT * {{ ?finding a y:Finding FILTER NOT EXISTS {{ {of_case} [ a y:ReportActivity ] }} }}")
    assert len(unled) == 0 and len(graph.query(f"SELECT * {{ {of_case} [ a y:ReportActivity ] }}")) > 100
    whole = f"?found a y:ReportFindings ; {digest} ?result ; y:rowDigests ?rows ; prov:wasGeneratedBy ?by . "
    settings = "?by y:programVersion ?v ; y:programEngine ?engine ; y:onInstitution ?code ; y:underProfile ?profile"
    ((*found, profile),) = graph.query(f"SELECT ?result ?rows ?v ?engine ?code ?profile {{ {whole} {settings} }}")
    assert list(map(str, found)) == [receipt[n] for n in ("result", "rows", "version", "engine", "institution")]
    followed = {
        str(r).rpartition("#")[2] for r in graph.objects(graph.value(predicate=RDF.type, object=ACTIVITY), FOLLOWS)
    }
    assert followed == {"--".join(chosen) for chosen in receipt["readings"].items()}
    assert str(profile).endswith(f"#{receipt['profile']}") and not [
        n for n in graph.all_nodes() if isinstance(n, BNode)
    ]


@pytest.mark.parametrize("language, label", [("zh", "一般"), ("en", "ordinary")])
def test_the_category_is_told_in_the_language_of_the_report(run, tmp_path, language, label):
    days = {"act_date": "2025-03-01", "act_end_date": "2025-03-01"}
    reported = {"institution_code": "H1", "reported_on": "2026-03-01"}
    problems = [{"label": "重复收费", "fund_amount": 5, **days}]
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"institution": reported, "problems": problems}, ensure_ascii=False), encoding="utf-8")
    run("report", path, "-o", tmp_path / "out", "--format", "json,html", "--lang", language)
    found = json.loads((tmp_path / "out" / "a-H1.json").read_text(encoding="utf-8"))["rows"][0]
    assert (found["category"], found["category_label"]) == ("一般", label)
    assert f"</span> {label}</td>" in (tmp_path / "out" / "a-H1.html").read_text(encoding="utf-8")


def test_template_for_a_type_by_any_of_its_names(run, tmp_path):
    for number, name in enumerate(("pharmacy", "零售药店", "Retail Pharmacy")):
        assert run("template", tmp_path / f"{number}.csv", "--for", name)[0] == 0
    assert len({(tmp_path / f"{number}.csv").read_bytes() for number in range(3)}) == 1


@pytest.mark.parametrize(
    "arguments, word",
    [
        (("report", "missing.csv", "-o", "out"), "missing.csv"),
        (("report", "missing.csv"), "-o"),
        (("report", "missing.csv", "-o", "out", "--format", "pdf"), "pdf"),
        (("verify", "missing.json", "missing.csv"), "missing.json"),
        (("template", "out.xlsx", "--for", "bank"), "bank"),
        (("template", "out.docx"), ".csv"),
        (("template", "out"), ".csv"),
        (("report", ".", "-o", "out"), "xlsx"),
    ],
)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_wrong_use_ends_in_a_sentence(run, monkeypatch, tmp_path, arguments, word, language):
    monkeypatch.chdir(tmp_path)
    status, out, err = run("--lang", language, *arguments)
    assert (status, out) == (2, "") and word in err and len(err.splitlines()) == 1


def test_assessing_a_case_loads_nothing_of_reports():
    example = Path(__file__).parents[2] / "examples" / "yunyang-145.json"
    code = (
        "import sys; from yibaolex import cli; cli.main(['assess', sys.argv[1], '-o', sys.argv[2]]);"
        "print([m for m in sys.modules if m.split('.')[0] in ('openpyxl', 'docx', 'tqdm') or 'selfreport' in m])"
    )
    found = subprocess.run([sys.executable, "-c", code, example, "/dev/null"], capture_output=True, text=True)
    assert found.stdout.strip() == "[]", found.stderr
