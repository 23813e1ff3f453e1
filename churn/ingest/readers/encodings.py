"""Encodings of text: by name, and recognised from the bytes where these leave no doubt.

Nearly any bytes decode in one encoding or another, so that a text decodes says little. UTF-8 has a
form that other encodings hardly ever hit. Two bytes of any other encoding mostly make *some* sign
of GB18030, but hardly ever the signs that Chinese is written with: only these tell it. All else is
for somebody who knows to say.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain, islice

from pydantic_core import PydanticCustomError

UTF_8 = "utf-8"
GB18030 = "gb18030"
ALIASES = {"utf-8-sig": UTF_8, "ascii": UTF_8, "gbk": GB18030, "gb2312": GB18030}
_NO_TEXT = {"idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape"}
_STATEFUL = re.compile(r"iso2022|utf-7|hz")
_PLAIN = "\t\n\r ,;|09AZaz"

MARKS = (  # byte order marks, the longer first
    (codecs.BOM_UTF8, UTF_8),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
GLANCE = 1 << 16  # bytes in which a file of two bytes a character shows itself
ENOUGH = 20_000  # lines beyond ASCII that tell an encoding
ENOUGH_CASED = 500  # of them, that tell how words are written
DAMAGED = 0.02  # share of lines that may be damaged without shaking the encoding of the others

#: What other encodings are proposed, for text of many scripts.
MAC = "mac-roman"  # makes letters of nearly everything
WESTERN = ("cp1252", "cp1250", "cp1254", "cp1257", MAC)
EASTERN = ("big5", "cp932", "cp949", "euc_jp")
SCRIPTS = ("cp1251", "koi8-r", "cp1253", "cp1255", "cp1256", "cp874")
DOS = "cp850"
PROPOSED = 7
_CASED = re.compile(r"[^\W\d_]\S*")
#: What switches between scripts in text of ASCII signs alone.
_SWITCHES = {
    "iso2022_kr": re.compile(rb"\x1b\$\)C"),
    "iso2022_jp": re.compile(rb"\x1b\$[@B]|\x1b\([IJ]"),
    "hz": re.compile(rb"~\{(?:[!-w][!-~])+~\}"),
}

#: The most frequent signs of Chinese, and those of this trade: nine in ten of any such text.
COMMON = frozenset(
    "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过"
    "发后作里用道行所然家种事成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本"
    "前开但因只从想实日军者意无力它与长把机十民第公此已工使情明性知全三又关点正业外将两高间由问很"
    "最重并物手应战向头文体政美相见被利什二等产或新己制身果加西斯月话合回特代内信表化老给世位次度"
    "门任常先海通教儿原东声提立及比员解水名真论处走义各入几口认条平系气题活尔更别打女变四神总何电"
    "数安少报才结反受目太量再感建务做接必场件计管期市直德资命山金指克许统区保至队形社便空决治展马"
    "科司五基眼书非则听白却界达光放强即像难且权思王象完设式色路记南品住告类求据程北边死张该交规万"
    "取拉格望觉术领共确传师观清今切院让识候带导争运笔失停欠费号码户账单套餐流客网络络投诉离销缴余"
    "额折扣宽带固移动联通电信充值短彩视频频终端状态截止姓址省县镇街龄满意佳男否在未已销约违延协议"
    "档级星钻卡黄李刘陈杨赵吴周徐孙朱胡郭林何罗郑梁谢宋唐冯韩曹曾彭萧蔡潘田董袁余叶蒋杜苏魏程吕丁"
    "沈任姚卢姜崔钟谭陆汪范石廖贾夏韦付白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵京津沪渝广深"
    "圳杭州苏宁武汉成都西安郑长沙青岛福建浙江四川湖南湖北河南河北山东山西陕甘辽吉黑龙江云贵台港澳门"
    "优惠畅享无限本地漫游语音流量包月季年租挂机话务余额异常正常冻结暂停恢复开通注册拆迁装维修故障"
    "障满测试商企业政府集团个人普通重要战略群组经理渠道营业厅线上线下门店代理备注描述编类型时间日期"
)
# Logarithms of how much likelier a sign is in Chinese than in another text read as GB18030.
_COMMON, _FIRST_LEVEL, _SECOND_LEVEL, _BEYOND = 2.2, -0.8, -1.9, -2.6
_SURE = 6.5
_UNLIKELY = -3.0
_INSIDE = re.compile(rb"(?<=[A-Za-z])[\x80-\xff]+(?=[A-Za-z])")
#: The euro; the pound, before a number; the blank that does not break, inside one.
_MONEY = re.compile(rb"\x80|\xa3(?=[\d\s.-])|(?<=[\dA-Z$])\xa0(?=\d)")
_AGAIN = 3  # lines
_LETTERS = 0.9  # share of the signs beyond ASCII
_SURELY_UTF_8 = 4  # different runs of pairs

#: The most frequent syllables of Korean, whose bytes in EUC-KR are all signs of GB2312 as well.
KOREAN = frozenset(
    "이다는의에을를가하고은로지기사도한리서자인그나어시으있아해것대정보일원수장들부스전여과라성관동제"
    "만주상안게구요면니할했며모세용화학국신위조비오무식중유마생적문소당바발경공내연터진산실간러계선분"
    "영방개름번호객통약월년데입출납금액총남녀본단거회없예네아음차추행반때너우드체종결강치합르던등려미"
    "된되민운명현외심재감달남후말력두트키타"
)
_KOREAN_SHARE = 0.5


def named(name: str) -> str:
    """Return an encoding's own name; GBK and GB2312 are read as GB18030, which includes them.

    Raises
    ------
    ValueError
        If Python knows no encoding of text by that name.
    """
    try:
        found = codecs.lookup(name)
        text = isinstance(found.encode(_PLAIN)[0], bytes)
    except (LookupError, TypeError, ValueError, UnicodeError):
        text = False
    if not text or found.name in _NO_TEXT:
        raise PydanticCustomError(
            "encoding",
            "encoding '{name}' is not read: use utf-8, gb18030 (which includes GBK), or another by"
            " the name that Python gives it, such as cp1252, big5 or utf-16",
            {"name": name},
        )
    return ALIASES.get(found.name, found.name)


def transcoded(encoding: str) -> bool:
    """Tell whether lines cannot be found in the bytes: these are made UTF-8 first."""
    if _STATEFUL.match(encoding):
        return True
    return _PLAIN.encode(encoding) != _PLAIN.encode()


def of_lines(encoding: str) -> str:
    """Return the encoding in which the lines of a file are handed over."""
    return UTF_8 if transcoded(encoding) else encoding


def to_utf_8(pieces: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """Yield a text as UTF-8; what does not decode as bytes that UTF-8 has not, in its line."""
    decoder = codecs.getincrementaldecoder(encoding)("churn_undecodable")
    for piece in chain(pieces, [b""]):
        text = decoder.decode(piece, final=not piece)
        yield text.encode(UTF_8, "surrogatepass")


def _undecodable(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "\udcff", error.end


codecs.register_error("churn_undecodable", _undecodable)


def decodes(text: bytes, encoding: str) -> bool:
    """Tell whether bytes decode without exception."""
    try:
        text.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


ZEROS = 0.1
"""Share of zero bytes from which a text without a mark may be UTF-16."""


def of_its_start(start: bytes) -> str | None:
    """Return the encoding that a byte order mark, or the place of the zero bytes, tells."""
    for mark, name in MARKS:
        if start.startswith(mark):
            return name
    if start.count(0) < ZEROS * len(start) or b"\0" not in start:
        return None  # a few are damage: in UTF-16 each digit, separator and line end has one
    for name in ("utf-16-le", "utf-16-be"):
        text = start[: len(start) // 2 * 2].decode(name, "replace")
        odd = sum(not sign.isprintable() and sign not in "\t\r\n\x01\x1f\ufeff" for sign in text)
        if "\n" in text and odd + text.count("\ufffd") <= DAMAGED * len(text):
            return name
    return None


class Votes:
    """Lines of a text, to be asked which encoding they are in."""

    def __init__(self) -> None:
        self.lines = 0
        self._beyond_ascii: list[bytes] = []
        self._switched: Counter[str] = Counter()

    @classmethod
    def of(cls, blocks: Iterable[bytes]) -> Votes:
        """Count the lines of blocks of whole lines, each ended by a line feed."""
        votes = cls()
        for block in blocks:
            votes.lines += block.count(b"\n")
            for name, switch in _SWITCHES.items():
                votes._switched[name] += len(switch.findall(block))
            if len(votes._beyond_ascii) < ENOUGH and not block.isascii():
                beyond = (line for line in block.splitlines() if not line.isascii())
                votes._beyond_ascii += islice(beyond, ENOUGH)
        return votes

    @property
    def encoding(self) -> str | None:
        """The encoding, where there is no doubt; None where it cannot be told."""
        if not self._beyond_ascii:
            return None if self._by_switches else UTF_8
        good = [line for line in self._beyond_ascii if decodes(line, UTF_8)]
        bad = len(self._beyond_ascii) - len(good)
        longer = any(re.search(rb"[\xe0-\xf4]", line) for line in good)
        if good and bad <= self._bearable and (longer or bad < len(good)):
            return None if not longer and self._reads_as_chinese(whole_words=True) else UTF_8
        return GB18030 if self._reads_as_chinese() else None

    @property
    def by_chance(self) -> bool:
        """Whether so little is beyond ASCII that pairs of bytes may be UTF-8 by chance.

        Of the signs of GB2312 one in seven is.
        """
        beyond = b" ".join(self._beyond_ascii)
        pairs = set(re.findall(rb"[\x80-\xff]+", beyond))
        return len(pairs) < _SURELY_UTF_8 and not re.search(rb"[\xe0-\xf4]", beyond)

    @property
    def garbled_as_chinese(self) -> bool:
        """Whether letters with accents inside of Latin words are what decodes as GB18030.

        Their bytes take the letter behind them for the second half of a sign. Words come again,
        damage does not: only what stands on several lines is held to be written so.
        """
        runs = Counter(run for line in self._beyond_ascii for run in set(re.findall(_INSIDE, line)))
        words = {run for run, lines in runs.items() if lines >= _AGAIN}
        lines = [
            line for line in self._beyond_ascii if not words.isdisjoint(re.findall(_INSIDE, line))
        ]
        return 2 * len(lines) > len(self._beyond_ascii) and self._chinese() < _UNLIKELY

    def proposals(self) -> list[str]:
        """Return encodings to try where it cannot be told, the likelier first."""
        if not self._beyond_ascii:
            return self._by_switches
        chinese = [GB18030] if self._chinese() > 0 else []
        order = [*chinese, *EASTERN, *self._by_case(SCRIPTS), *WESTERN]
        if self._of_single_signs:
            order = [WESTERN[0], "iso8859-15", *self._by_case(SCRIPTS), *EASTERN]
        elif self._accented:
            order = [*WESTERN, DOS, *EASTERN]
        return [name for name in order if self._misses(name) <= self._bearable][:PROPOSED]

    @property
    def _by_switches(self) -> list[str]:
        """The encodings whose switches between scripts stand in plain text, again and again."""
        return [name for name in _SWITCHES if self._switched[name] >= _AGAIN]

    @property
    def _of_single_signs(self) -> bool:
        """Whether signs beyond ASCII stand by themselves, as those of money and degrees do."""
        beyond = b" ".join(self._beyond_ascii)
        return not re.search(rb"[A-Za-z\x80-\xff][\x80-\xff]|[\x80-\xff][A-Za-z]", beyond)

    def _by_case(self, names: Iterable[str]) -> list[str]:
        """Sort encodings by the share of words that are written as words are: Moscow, not mOSCOW.

        Of two that make letters of the same bytes, one makes capitals of the small ones.
        """
        return sorted(names, key=lambda name: -self._cased(name))

    def _cased(self, name: str) -> float:
        text = " ".join(line.decode(name, "replace") for line in self._beyond_ascii[:ENOUGH_CASED])
        words = [word for word in _CASED.findall(text) if not word.isascii()]
        usual = sum(word in {word.lower(), word.upper(), word.capitalize()} for word in words)
        return round(usual / len(words), 1) if words else 0.0

    def of_accents(self) -> list[str]:
        """Return the encodings that make letters of what stands among Latin ones, if it does.

        The likelier first; of those that read the same text, one.
        """
        if not self._accented:
            return []
        texts: dict[str, str] = {}
        for name in WESTERN:
            if self._misses(name) > self._bearable or (name == MAC and texts):
                continue
            text = "\n".join(
                line.decode(name) for line in self._beyond_ascii if decodes(line, name)
            )
            accents = [sign for sign in text if not sign.isascii()]
            if sum(map(str.isalpha, accents)) >= _LETTERS * len(accents):
                texts.setdefault(text, name)
        return list(texts.values())

    @property
    def of_money(self) -> bool:
        """Whether all beyond ASCII is a sign of money as Windows writes it, each by itself.

        No other encoding makes anything of such a byte beside blanks and digits.
        """
        rest = b"".join(re.sub(_MONEY, b"", line) for line in self._beyond_ascii)
        return bool(self._beyond_ascii) and rest.isascii()

    @property
    def _foreign(self) -> list[bytes]:
        words = b" ".join(re.findall(rb"[A-Za-z\x80-\xff]+", b" ".join(self._beyond_ascii)))
        return [word for word in words.split() if not word.isascii()]

    @property
    def _accented(self) -> bool:
        """Whether most of the words beyond ASCII are Latin letters but for some."""
        letters = sum(byte < 0x80 for word in self._foreign for byte in word)  # noqa: PLR2004 - ASCII
        return letters > sum(map(len, self._foreign)) / 2

    @property
    def _bearable(self) -> float:
        return max(1, DAMAGED * self.lines)

    def _misses(self, encoding: str) -> int:
        return sum(not decodes(line, encoding) for line in self._beyond_ascii)

    def _reads_as_chinese(self, *, whole_words: bool = False) -> bool:
        """Tell whether the lines are Chinese as GB18030; ``whole_words``: none inside of others."""
        if self._misses(GB18030) > self._bearable:
            return False
        likelihood = self._chinese()
        if whole_words:
            inside = any(re.search(rb"[A-Za-z][\x80-\xff]", line) for line in self._beyond_ascii)
            return not inside and likelihood > 0
        return likelihood > _SURE and not self._reads_as_korean()

    def _reads_as_korean(self) -> bool:
        good = [line.decode("cp949") for line in self._beyond_ascii if decodes(line, "cp949")]
        signs = {sign for line in good for sign in line if not sign.isascii()}
        known = len(signs & KOREAN)
        return self._misses("cp949") <= self._bearable and known > _KOREAN_SHARE * len(signs)

    def _chinese(self) -> float:
        """Return how much likelier the signs are Chinese than not, as a logarithm."""
        good = [line.decode(GB18030) for line in self._beyond_ascii if decodes(line, GB18030)]
        signs = {sign for line in good for sign in line if not sign.isascii()}
        likelihood = 0.0
        for sign in signs:
            lead, trail, *more = [*sign.encode(GB18030), 0]
            paired = len(more) == 1 and trail >= 0xA1  # noqa: PLR2004 - the square of GB2312
            if paired and 0xA1 <= lead <= 0xA3:  # noqa: PLR2004 - marks and full-width letters
                continue
            if sign in COMMON:
                likelihood += _COMMON
            elif paired and 0xB0 <= lead <= 0xD7:  # noqa: PLR2004 - GB2312's first level
                likelihood += _FIRST_LEVEL
            else:
                second = paired and 0xD8 <= lead <= 0xF7  # noqa: PLR2004 - its second level
                likelihood += _SECOND_LEVEL if second else _BEYOND
        return likelihood
