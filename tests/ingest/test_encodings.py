"""Encodings: read by name, recognised where the bytes leave no doubt, refused where they do."""

from __future__ import annotations

import random

import pytest

from churn.errors import ExtractError
from churn.ingest.readers.delimited import Delimited
from churn.ingest.readers.encodings import Votes, named, of_its_start
from churn.ingest.readers.text import TextFormat
from churn.ingest.recognition import Written
from churn.ingest.whole import read_whole

WORDS = {
    "zh": "用户编号 套餐名称 是 否 停机保号 流失 客户姓名 欧阳锋 浙江省杭州市 畅享59元 欠费3个月",
    "tw": "用戶編號 方案 是 否 停機 陳大文 林美玲 臺北市大安區 新北市板橋區 月租費 續約",
    "de": "Gebühren Größe_S Müller Jürgen_Weiß Straße Überzahlung Köln Düsseldorf",
    "fr": "Numéro Société_Générale Forfait_illimité Résiliation Hélène François été",
    "ru": "Тариф Москва Да Нет Санкт-Петербург МЕГАФОН АБОНЕНТ",
    "ja": "料金 解約 東京都 はい いいえ 山田太郎 プラン 契約期間",
    "ko": "요금제 해지 예 아니오 서울특별시 김민수 통화시간",
    "pl": "Łódź Kraków Opłata Ślązak Zażółć",
}
WRITTEN = [
    *((language, "utf-8") for language in WORDS),
    *((language, "utf-16") for language in WORDS),
    *[("zh", "gb18030"), ("zh", "gb2312"), ("tw", "big5"), ("tw", "gb18030")],
    *[("de", "cp1252"), ("fr", "cp1252"), ("fr", "iso8859-1"), ("pl", "cp1250")],
    *[("ru", "cp1251"), ("ru", "koi8-r"), ("ja", "cp932"), ("ja", "euc_jp"), ("ko", "euc_kr")],
]
TOLD = {"utf-8", "utf-16"}  # of any language; GB18030 where it is Chinese


def _lines(language, seed, rows=200):
    draw = random.Random(seed)  # noqa: S311 - of a test
    words = [word.replace("_", " ") for word in WORDS[language].split()]
    sign = ",;|\t"[seed % 4]
    head = sign.join(["id", words[0], words[1], "bill"])
    body = (
        sign.join([str(at), draw.choice(words), draw.choice(["", *words]), f"{draw.random():.2f}"])
        for at in range(rows)
    )
    return [head, *body]


def _content(language, encoding, seed, damaged):
    lines = _lines(language, seed)
    octets = bytearray("".join(f"{line}\n" for line in lines).encode(encoding))
    draw = random.Random(seed + 1)  # noqa: S311 - of a test
    for _ in range(damaged):
        octets[draw.randrange(8, len(octets))] = draw.choice(b"\xff\xe9\x81\xc4A")
    return bytes(octets)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("damaged", [0, 2])
@pytest.mark.parametrize(("language", "encoding"), WRITTEN)
def test_an_encoding_is_told_rightly_or_not_at_all(language, encoding, damaged, seed):
    """Up to one line in a hundred damaged: the right name, or that it cannot be told."""
    content = _content(language, encoding, seed, damaged)
    name = of_its_start(content) or Votes.of([content]).encoding
    sure = encoding in TOLD or language == "zh"
    right = "gb18030" if encoding == "gb2312" else encoding
    assert name == right if sure else name in {None, right}


@pytest.mark.parametrize(
    ("language", "encoding"),
    [pair for pair in WRITTEN if pair[1] not in TOLD and "gb" not in pair[1]],
)
def test_what_cannot_be_told_is_refused_with_names_to_try(tmp_path, language, encoding):
    """A ready-made table is not read until somebody has named its encoding, then as it is."""
    path = tmp_path / "table.csv"
    path.write_bytes(_content(language, encoding, 0, 0))
    with pytest.raises(ExtractError, match="cannot be told") as refused:
        read_whole(path)
    tries = refused.value.do.split("--encoding ")[1].split(";")[0].split(" or ")
    assert encoding.replace("iso8859-1", "cp1252").replace("euc_kr", "cp949") in tries
    assert "gb18030" not in tries
    first = _lines(language, 0)[0].split(",")
    assert read_whole(path, Written(encoding=encoding)).column_names == first


@pytest.mark.parametrize("word", ["Größe", "女"])
def test_one_word_of_two_bytes_is_told_only_inside_of_another(word):
    """An umlaut stands between letters; two bytes alone may be UTF-8 or a sign of Chinese."""
    encoding = "gbk" if word == "女" else "utf-8"
    content = f"id,sex\n1,{word}\n2,{word}\n".encode(encoding)
    assert Votes.of([content]).encoding == (None if word == "女" else "utf-8")


@pytest.mark.parametrize(
    "encoding",
    [
        *("cp1252", "cp1251", "Shift-JIS", "big5", "euc_kr", "latin1"),
        *("utf-16", "utf-16-be", "utf-32", "utf-7", "iso2022_jp", "cp500", "hz"),
    ],
)
def test_an_extract_is_read_in_the_encoding_it_names(tmp_path, encoding):
    """Also where a line feed is more than one byte, or none of ASCII."""
    value = {"cp1251": "Тариф", "cp1252": "Größe", "cp500": "Größe", "latin1": "Größe"}.get(
        encoding, "料金" if encoding != "euc_kr" else "요금"
    )
    value = "你好" if encoding == "hz" else value
    path = tmp_path / "extract.csv"
    path.write_bytes(f"id,{value}\n1,a\n2,{value}\n".encode(encoding))
    reader = Delimited(path, TextFormat(encoding=encoding))
    assert reader.header() == ("id", value)
    (records,) = reader.records([0, 1])
    assert records.fields[1].to_pylist() == ["a", value]
    assert records.numbers.tolist() == [2, 3]


def test_lines_that_are_no_utf_16_are_set_aside(tmp_path):
    """Half a pair costs its line; the others stay where they are."""
    lines = ["id,名\n", "1,用户\n", "2,X\n", "3,套餐\n"]
    octets = "".join(lines).encode("utf-16-le").replace(b"X\0", b"\x00\xd8")
    path = tmp_path / "extract.csv"
    path.write_bytes(b"\xff\xfe" + octets)
    (records,) = Delimited(path, TextFormat(encoding="utf-16")).records([0, 1])
    assert records.fields[1].to_pylist() == ["用户", "套餐"]
    assert (records.rejects.numbers.tolist(), records.rejects.codes.tolist()) == ([3], ["CSV001"])


@pytest.mark.parametrize(
    ("language", "written", "set_as", "words"),
    [
        ("de", "cp1252", "utf-8", "try cp1252"),
        ("tw", "big5", "utf-8", "try big5"),
        ("zh", "gb18030", "utf-8", "set `encoding: gb18030`"),
        ("zh", "utf-16", "utf-8", "set `encoding: utf-16`"),
        ("zh", "utf-16-le", "utf-8", "set `encoding: utf-16-le`"),
        ("zh", "utf-8", "cp1252", "set `encoding: utf-8`"),
        ("de", "utf-8", "gb18030", "set `encoding: utf-8`"),
    ],
)
def test_a_wrong_encoding_in_the_settings_is_doubted(tmp_path, language, written, set_as, words):
    """The right one is named where the bytes tell it, else what to try; GB18030 for Chinese."""
    path = tmp_path / "extract.csv"
    path.write_bytes(_content(language, written, 0, 0))
    with pytest.raises(ExtractError) as refused:
        Delimited(path, TextFormat(encoding=set_as)).header()
    assert words in refused.value.do
    assert ("gb18030" in refused.value.do) == (written == "gb18030")


@pytest.mark.parametrize("name", ["punycode", "rot13", "base64", "cp99999", "undefined"])
def test_what_is_no_encoding_of_text_is_refused(name):
    """By its name, with some that are."""
    with pytest.raises(ValueError, match=f"encoding '{name}' is not read"):
        named(name)


def test_a_pair_that_is_utf_8_by_chance_does_not_overrule_the_settings(operator):
    """A single sign of GB18030, whose bytes UTF-8 has too: the settings say what it is."""
    operator.map("surveys", {"encoding": "gb18030"})
    operator.deliver(
        "surveys_202501_20250201.csv",
        "subscriber_id,answered_on,score\n隆,2025-01-02,85\n".encode("gb18030"),
    )
    assert "隆".encode("gb18030").decode("utf-8") == "¡"
    assert operator.ingest().accepted == 1
    assert {row["id"] for row in operator.id_map()} == {"隆"}


def test_a_declared_encoding_that_garbles_latin_words_is_refused(tmp_path):
    """Nearly any bytes decode as GB18030: accents inside of words tell that these are none."""
    for language, encoding in (("de", "cp1252"), ("fr", "iso8859-1"), ("pl", "cp1250")):
        path = tmp_path / f"{language}.csv"
        lines = "".join(
            f"{at};{word}n\n"
            for at in range(60)
            for word in WORDS[language].replace("_", " ").split()[:3]
        )
        path.write_bytes(("id;Tarif\n" + lines).encode(encoding))
        reader = Delimited(path, TextFormat(encoding="gb18030", delimiter=";"))
        with pytest.raises(ExtractError, match=r"garble them|are not gb18030") as refused:
            reader.header()
        assert encoding in refused.value.do or "cp125" in refused.value.do


@pytest.mark.parametrize("word", ["VIP客户A座", "e家e户", "A曱B", "x\u9fa5y", "Wi珺Fi", "ab喆cd"])
def test_chinese_between_latin_letters_is_chinese(word, tmp_path):
    """Beside common signs a rare one, or one inside of Latin letters, raises no doubt."""
    path = tmp_path / "zh.csv"
    lines = "".join(f"{at},{word},在用套餐\n" for at in range(50))
    path.write_bytes(("编号,名称,状态\n" + lines).encode("gb18030"))
    assert Delimited(path, TextFormat(encoding="gb18030")).header() == ("编号", "名称", "状态")


def test_damage_in_plain_text_is_no_other_encoding(tmp_path):
    """A damaged byte here and there stands on no two lines alike."""
    draw = random.Random(3)  # noqa: S311 - of a test
    octets = bytearray(b"id,plan\n" + b"".join(b"%d,comfort\n" % at for at in range(500)))
    for _ in range(12):
        octets[draw.randrange(10, len(octets))] = draw.randrange(0xA1, 0xFE)
    path = tmp_path / "plain.csv"
    path.write_bytes(octets)
    assert Delimited(path, TextFormat(encoding="gb18030")).header() == ("id", "plan")


@pytest.mark.parametrize(
    ("language", "encoding", "told"),
    [("de", "cp1252", ["cp1252"]), ("pl", "cp1250", ["cp1250"]), ("zh", "gb18030", []),
     ("ru", "cp1251", []), ("fr", "cp1252", ["cp1252", "cp1250", "cp1254", "cp1257"])],
)  # fmt: skip
def test_accents_tell_the_encodings_that_make_letters_of_them(language, encoding, told):
    """Of those that read the same text the likeliest; others stay a question."""
    votes = Votes.of([_content(language, encoding, 1, 0)])
    found = votes.of_accents()
    assert found[:1] == told[:1]
    assert set(found) <= set(told)


@pytest.mark.parametrize(
    ("lines", "encoding"),
    [
        ([f"{at},Москва" for at in range(9)], "koi8-r"),
        ([f"{at},Москва" for at in range(9)], "cp1251"),
        ([f"{at},חיפה" for at in range(9)], "cp1255"),
        ([f"{at},Besançon" for at in range(9)], "cp850"),
        ([f"{at},¢{at}" for at in range(9)], "cp1252"),
        ([f"{at},{at} €" for at in range(9)], "iso8859-15"),
        ([f"{at},東京都" for at in range(9)], "iso2022_jp"),
        ([f"{at},北京" for at in range(9)], "hz"),
    ],
)
def test_the_names_to_try_hold_the_right_one(tmp_path, lines, encoding):
    """Words are written as words are in it; ASCII that switches between scripts is no UTF-8."""
    path = tmp_path / "table.csv"
    path.write_bytes("\n".join(["id,city", *lines, ""]).encode(encoding))
    with pytest.raises(ExtractError, match="cannot be told") as refused:
        read_whole(path)
    assert encoding in refused.value.do.split("--encoding ")[1].split(";")[0].split(" or ")


def test_money_as_windows_writes_it_is_read(tmp_path):
    """The euro and the pound beside digits, and nothing else beyond ASCII."""
    for sign in "€£":
        path = tmp_path / "table.csv"
        path.write_bytes(f"id;fee\n1;{sign}5\n2;{sign}7\n".encode("cp1252"))
        assert read_whole(path)["fee"].to_pylist() == [f"{sign}5", f"{sign}7"]
