"""Tables in older encodings: read right, or refused with each reading and the key that says which."""

import logging
import random

import pytest

from chestbench.core.errors import ChestbenchError
from chestbench.core.text_encoding import find_encoding
from tests.imaging.pictures import picture, png

_TEXTS = {
    "cp949": "환자번호 성별 나이 폐렴 정상 결핵 남 여 우측 하엽에 침윤이 관찰됨 흉부 서울대학교병원 의심 특이소견 없음",
    "gbk": "患者编号 肺炎 正常 性别 年龄 男 女 肺结核 右下肺炎症 未见异常 住院号 北京协和医院 双肺纹理增多 疑似",
    "big5": "病患編號 肺炎 正常 性別 年齡 男 女 肺結核 無異常 病歷號 台大醫院 胸部X光 結節",
    "shift_jis": "ファイル名 診断 患者ID 肺炎 正常 性別 年齢 右下葉 所見 異常なし 東京大学病院 結節 コロナ",
    "euc_jp": "ファイル名 診断 患者ID 肺炎 正常 性別 年齢 右下葉 所見 異常なし 東京大学病院 結節 コロナ",
    "cp1251": "файл диагноз пациент пневмония норма пол возраст мужской Москва справа",
    "koi8_r": "файл диагноз пациент пневмония норма пол возраст мужской Москва справа",
    "cp1252": "Lungenentzündung unauffällig männlich Größe année âgé prélèvement négatif años niño pulmão não",
    "cp1250": "płeć zapalenie płuc zdrowy mężczyzna gruźlica kobieta",
    "cp1254": "tanı cinsiyet zatürre sağlıklı yaş kadın akciğer",
    "cp1253": "αρχείο διάγνωση ασθενής πνευμονία φύλο ηλικία",
}


@pytest.mark.parametrize("encoding", _TEXTS)
@pytest.mark.parametrize("seed", range(8))
def test_words_of_tables_tell_the_encoding(encoding: str, seed: int) -> None:
    words = random.Random(seed).sample(_TEXTS[encoding].split(), 6)
    data = ("id,a,b\n" + "".join(f"img_{n}.png,{word},P{n}\n" for n, word in enumerate(words))).encode(encoding)
    found = find_encoding(data).encodings
    assert [data.decode(name) for name in found] == [data.decode(encoding)]


@pytest.mark.parametrize(
    ("encoding", "text", "others"),
    [
        # Common syllables that stand in no list: they pass for common Chinese characters as well.
        ("cp949", "기타 보류", {"gb18030"}),
        # Turkish letters that pass for those of Central Europe.
        ("cp1254", "değişken açık", {"cp1250"}),
    ],
)
def test_a_text_that_several_encodings_fit_is_open(encoding: str, text: str, others: set[str]) -> None:
    found = find_encoding(f"id,label\n1,{text}\n".encode(encoding)).encodings
    assert len(found) > 1
    assert {encoding, *others} <= set(found)


def test_many_common_syllables_are_korean_without_a_known_word() -> None:
    text = "가나다라마바사아자차카타파하거너더러머버서어저처커터퍼허"
    assert find_encoding(text.encode("cp949")).encodings == ["cp949"]


def _table(encoding: str, header: str, labels: tuple[str, str]) -> dict[str, bytes]:
    rows = "".join(f"img_{n:02}.png,{labels[n // 3 % 2]},P{n // 3:02}\n" for n in range(24))
    files = {f"images/img_{n:02}.png": png(picture(n)) for n in range(24)}
    return files | {"table.csv": f"{header}\n{rows}".encode(encoding)}


@pytest.mark.parametrize(
    ("encoding", "header", "labels"),
    [
        ("gbk", "文件名,诊断,患者编号", ("肺炎", "正常")),
        ("shift_jis", "ファイル名,診断,患者ID", ("肺炎", "正常")),
        ("big5", "檔名,診斷,病患編號", ("肺炎", "正常")),
        ("cp949", "파일명,진단,환자번호", ("폐렴", "정상")),
        ("cp1251", "файл,диагноз,пациент", ("пневмония", "норма")),
    ],
)
def test_the_line_that_is_offered_has_the_patients(plan, encoding: str, header: str, labels: tuple[str, str]) -> None:
    files = _table(encoding, header, labels)
    name, label, patient = header.split(",")
    with pytest.raises(ChestbenchError) as error:
        plan(files)
    assert f"column:{label},patient:{patient}" in str(error.value).replace('"', "")
    read = plan(files, labels={"table": "*table.csv", "id": name, "column": label, "patient": patient})
    assert sorted(read.layout.classes) == sorted(labels)
    assert len(set(read.layout.patient)) == 8


def test_an_open_table_is_refused_with_each_reading_and_a_line_for_each(plan) -> None:
    files = _table("cp949", "file,kind,who", ("기타", "보류"))
    with pytest.raises(ChestbenchError) as error:
        plan(files)
    told = str(error.value)
    assert "may be any of Korean (cp949): '기타, 보류', simplified Chinese (gb18030): " in told
    for encoding in ("cp949", "gb18030"):
        assert f"id:file,encoding:{encoding},column:kind" in told
    settings = {"table": "*table.csv", "id": "file", "column": "kind"}
    with pytest.raises(ChestbenchError, match="encoding: cp949"):
        plan(files, labels=settings)
    assert plan(files, labels={**settings, "encoding": "cp949"}).layout.classes == ["기타", "보류"]


def test_an_open_table_beside_class_folders_is_pointed_out(plan, caplog: pytest.LogCaptureFixture) -> None:
    files = {f"{label}/img_{n}.png": png(picture(n)) for label in ("a", "b") for n in range(4)}
    table = "file,kind\n" + "".join(f"img_{n}.png,{'기타' if n % 2 else '보류'}\n" for n in range(4))
    with caplog.at_level(logging.WARNING):
        plan(files | {"table.csv": table.encode("cp949"), "notes.txt": "보류".encode("cp949")})
    assert "received table.csv in an older encoding, which may be any of" in caplog.text
    assert "notes.txt" not in caplog.text


def test_western_europe_is_said_with_what_it_would_be_otherwise(plan, caplog: pytest.LogCaptureFixture) -> None:
    files = _table("cp1250", "id,a,b", ("věk", "číslo"))
    with caplog.at_level(logging.WARNING):
        plan(files, labels={"table": "*table.csv", "id": "id", "column": "a"})
    assert "read as Western European" in caplog.text or "Central European" in caplog.text
    assert "věk" in caplog.text


def test_an_encoding_that_nobody_knows_is_refused(plan) -> None:
    with pytest.raises(ChestbenchError, match=r"dataset.labels.encoding: expected an encoding of texts"):
        plan({"a/1.png": b""}, labels={"table": "*t.csv", "id": "id", "column": "a", "encoding": "kanji"})
