"""Files of operators that nobody has described: drawn, small, each written in its own way."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import NamedTuple

LINES = 240
MONTHS = tuple(date(2024 + (m > 12), (m - 1) % 12 + 1, 1) for m in range(7, 14))  # July on


class Life(NamedTuple):
    """A line: when it began, and what became of it."""

    number: int
    began: date
    events: tuple[tuple[datetime, str], ...]

    def served(self, day: date) -> bool:
        """Tell whether it is on the books on a day."""
        return self.began <= day


def lives(seed: int) -> list[Life]:
    """Draw lines: of five one is cut and comes back, one is removed, one leaves."""
    draw = Random(seed)  # noqa: S311 - a world, no secret
    found = []
    for number in range(LINES):
        began = date(2024, 1, 1) - timedelta(days=draw.randrange(-160, 1500))
        day = datetime(2024, 8, 1) + timedelta(
            days=draw.randrange(100), minutes=draw.randrange(999)
        )
        kind = number % 5
        events = {
            0: [(day, "cut"), (day + timedelta(days=9), "back")],
            1: [(day, "cut"), (day + timedelta(days=61), "removed")],
            2: [(day, "left")],
        }.get(kind, [])
        found.append(Life(number, began, tuple(events)))
    return found


def write(path: Path, rows: Iterable[Sequence[object]], sign: str, encoding: str) -> None:
    """Write rows as delimited text, packed where the name ends so."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "".join(sign.join(map(str, row)) + "\n" for row in rows).encode(encoding)
    path.write_bytes(gzip.compress(text, mtime=0) if path.suffix == ".gz" else text)


def months() -> list[tuple[date, date]]:
    """Return the first day of each month and of the next."""
    return list(pairwise(MONTHS))


def balkan(folder: Path) -> None:
    """Write pipes, decimal commas, days first; codes A, S, D and T; a register with each month."""
    draw = Random(1)  # noqa: S311 - a world, no secret
    every = lives(1)
    code = {"cut": "S", "back": "A", "removed": "D", "left": "T"}
    for first, after in months():
        stamp = f"{after + timedelta(days=2):%Y%m%d}"
        on = [life for life in every if life.served(after)]
        register = [
            ["MSISDN", "CUST_NO", "SEGMENT", "SVC_TYPE", "TARIFF_PLAN", "ACT_DT", "CONTRACT_END"]
        ]
        register += [
            [
                38160000000 + life.number,
                f"K{life.number // 2:05}",
                ("RES", "BUS")[life.number % 2],
                ("MOB", "FIX")[life.number % 3 == 0],
                f"Plan {life.number % 4}",
                f"{life.began:%d.%m.%Y}",
                f"{life.began + timedelta(days=730):%d.%m.%Y}" if life.number % 2 else "",
            ]
            for life in on
        ]
        write(folder / f"REG_{stamp}.txt", register, "|", "utf-8")
        events = [["MSISDN", "CHG_TIME", "ST"]]
        events += [
            [38160000000 + life.number, f"{life.began:%d.%m.%Y} 09:30:00", "A"]
            for life in on
            if (first <= life.began < after) or (first == MONTHS[0] and life.began < first)
        ]
        events += [
            [38160000000 + life.number, f"{at:%d.%m.%Y %H:%M:%S}", code[what]]
            for life in on
            for at, what in life.events
            if first <= at.date() < after
        ]
        write(folder / f"STHIST_{stamp}.txt", events, "|", "utf-8")
        bills = [
            ["MSISDN", "BILL_CYCLE", "TOTAL_AMT", "FIXED_FEE", "PMT_DUE_DT", "PAID_DT", "PAID_AMT"]
        ]
        for life in on:
            whole = draw.randrange(900, 240_000) / 100
            shown = f"{whole:,.2f}".replace(",", " ").replace(".", ",").replace(" ", ".")
            bills.append(
                [
                    38160000000 + life.number,
                    f"{first:%Y%m}",
                    shown,
                    f"{whole / 2:.2f}".replace(".", ","),
                    f"{after + timedelta(days=12):%d.%m.%Y}",
                    "",
                    "",
                ]
            )
        write(folder / f"INV_{first:%Y%m}_{stamp}.txt.gz", bills, "|", "utf-8")


def jiangnan(folder: Path) -> None:
    """Write GBK in a folder a month, tabs, codes in Chinese words, units in the headers."""
    draw = Random(2)  # noqa: S311 - a world, no secret
    every = lives(2)
    code = {"cut": "欠费停机", "back": "复机", "removed": "欠费销户", "left": "主动销户"}
    for first, after in months():
        below = folder / f"{first:%Y%m}"
        on = [life for life in every if life.served(after - timedelta(days=1))]
        register = [
            [
                "业务号码",
                "客户标识",
                "产品大类",
                "所属区域",
                "主套餐",
                "开户时间",
                "协议到期时间",
                "免打扰",
            ]
        ]
        register += [
            [
                13900000000 + life.number,
                f"KH{life.number // 2:06}",
                ("移动", "宽带", "固话")[life.number % 3],
                ("城东", "城西")[life.number % 2],
                f"畅享{life.number % 4}9元",
                f"{life.began:%Y/%m/%d}",
                f"{life.began + timedelta(days=730):%Y/%m/%d}" if life.number % 2 else "",
                ("", "短信", "短信|电话")[life.number % 3],
            ]
            for life in on
        ]
        write(below / "用户清单.txt", register, "\t", "gb18030")
        events = [["业务号码", "变更时间", "变更后状态", "变更原因"]]
        events += [
            [13900000000 + life.number, f"{life.began:%Y/%m/%d} 10:00:00", "开户", "入网"]
            for life in on
            if (first <= life.began < after) or (first == MONTHS[0] and life.began < first)
        ]
        events += [
            [13900000000 + life.number, f"{at:%Y/%m/%d %H:%M:%S}", code[what], "系统"]
            for life in on
            for at, what in life.events
            if first <= at.date() < after
        ]
        write(below / "停复机流水.txt", events, "\t", "gb18030")
        calls = [
            ["业务号码", "对方号码", "起始时间", "通话时长（分钟）", "主被叫标志", "费用（元）"]
        ]
        calls += [
            [
                13900000000 + draw.choice(on).number,
                13800000000 + draw.randrange(999),
                f"{first + timedelta(days=draw.randrange(28)):%Y%m%d}{draw.randrange(24):02}0507",
                f"{draw.randrange(1, 900) / 60:.2f}",
                ("主叫", "被叫")[draw.randrange(2)],
                f"{draw.randrange(300) / 100:.2f}",
            ]
            for _ in range(600)
        ]
        write(below / "语音详单.txt", calls, "\t", "gb18030")


def ruritania(folder: Path) -> None:
    """Write semicolons and months by name; states of three letters; tickets, sums, receivables."""
    draw = Random(3)  # noqa: S311 - a world, no secret
    every = lives(3)
    code = {"cut": "SUS", "back": "REA", "removed": "DIS", "left": "CAN"}
    for first, after in months():
        stamp = f"{after + timedelta(days=2):%Y-%m-%d}"
        on = [life for life in every if life.served(after)]
        base = [
            [
                "Subscription ID",
                "Holder",
                "Line of business",
                "Rate plan",
                "Start of service",
                "Min. term until",
                "Account rep",
                "Contact ban",
            ]
        ]
        base += [
            [
                f"S-{life.number:06}",
                f"H{life.number // 2}",
                ("Postpaid Mobile", "Fixed Internet", "Landline")[life.number % 3],
                f"RP{life.number % 4}",
                f"{life.began:%d-%b-%Y}",
                f"{life.began + timedelta(days=700):%d-%b-%Y}" if life.number % 2 else "n/a",
                "",
                ("none", "SMS", "SMS+EMAIL")[life.number % 3],
            ]
            for life in on
        ]
        write(folder / f"CRM_Base_{stamp}.csv", base, ";", "utf-8")
        events = [["Subscription", "From", "State", "Why"]]
        events += [
            [f"S-{life.number:06}", f"{life.began:%d-%b-%Y} 08:00", "ACT", ""]
            for life in on
            if (first <= life.began < after) or (first == MONTHS[0] and life.began < first)
        ]
        events += [
            [f"S-{life.number:06}", f"{at:%d-%b-%Y %H:%M}", code[what], "x"]
            for life in on
            for at, what in life.events
            if first <= at.date() < after
        ]
        write(folder / f"lifecycle_{stamp}.csv", events, ";", "utf-8")
        tickets = [["Ticket No", "Subscription", "Raised", "Solved", "Issue", "To supervisor"]]
        issues = ("Billing dispute", "No coverage", "Rude staff", "Unwanted subscription")
        tickets += [
            [
                f"T{first:%m}{n:04}",
                f"S-{draw.choice(on).number:06}",
                f"{first + timedelta(days=n % 25):%d-%b-%Y} 10:00",
                "" if n % 3 else f"{first + timedelta(days=n % 25 + 2):%d-%b-%Y} 11:00",
                issues[n % 4],
                "YN"[n % 2],
            ]
            for n in range(60)
        ]
        write(folder / f"tickets_{stamp}.csv", tickets, ";", "utf-8")
        sums = [["Subscription", "Month", "MoU out", "Texts", "Data GB", "Top-up value"]]
        sums += [
            [
                f"S-{life.number:06}",
                f"{first:%m/%Y}",
                draw.randrange(9000) / 10,
                draw.randrange(99),
                draw.randrange(9999) / 1000,
                draw.randrange(50),
            ]
            for life in on
        ]
        write(folder / f"usage_{first:%Y%m}.csv", sums, ";", "utf-8")


def lingnan(folder: Path) -> None:
    """Write one extract of history: headers of a database, names beside codes, money in fen."""
    draw = Random(4)  # noqa: S311 - a world, no secret
    every = lives(4)
    code = {"cut": "5|欠费双停", "back": "0|开通", "removed": "9|欠费销号", "left": "6|主动销号"}
    users = ["USER_ID|SERIAL_NUMBER|CUST_NAME|BRAND_NAME|EPARCHY_NAME|PRODUCT_NAME|OPEN_DATE"]
    users[0] += "|PRODUCT_END_DATE|USER_STATE"
    log = ["USER_ID|STATE_CODE|STATE_NAME|START_DATE|REMOVE_TAG"]
    bills = ["USER_ID|CYCLE_ID|FEE_TOTAL|FEE_RENT|FEE_VOICE|FEE_DATA"]
    for life in every:
        who = 770000 + life.number
        brand = ("移动业务", "固网宽带")[life.number % 4 == 0]
        until = f"{life.began + timedelta(days=700):%Y%m%d}" if life.number % 2 else ""
        users.append(
            f"{who}|186{life.number:08}|客户{life.number}|{brand}|地市{life.number % 5}"
            f"|冰激凌{life.number % 4}|{life.began:%Y%m%d}|{until}|{9 * bool(life.events)}"
        )
        log.append(f"{who}|0|开通|{life.began:%Y%m%d}080000|0")
        log += [f"{who}|{code[what]}|{at:%Y%m%d%H%M%S}|0" for at, what in life.events]
        bills += [
            f"{who}|{first:%Y%m}|{draw.randrange(2000, 30000)}|{draw.randrange(1000)}|0|1"
            for first, _ in months()
            if life.served(first)
        ]
    for name, lines in {"t_user_info": users, "t_state_log": log, "t_bill_month": bills}.items():
        write(folder / f"{name}.txt", ([line] for line in lines), "", "gb18030")


def hanse(folder: Path) -> None:
    """Write German files in cp1252: decimal commas, changes of state alone, months as 07/2024."""
    draw = Random(6)  # noqa: S311 - a world, no secret
    every = lives(22)
    said = {"cut": "Gesperrt", "back": "Aktiv", "removed": "Gekündigt durch Anbieter",
            "left": "Gekündigt durch Kunde"}  # fmt: skip
    heads = {
        "Bestand": "Rufnummer;Kundennummer;Tarif;Grundgebühr;Zahlungsart;Vertragsbeginn;Ort",
        "Statuswechsel": "Rufnummer;Gültig ab;Status",
        "Rechnungen": "Rufnummer;Abrechnungsmonat;Rechnungsbetrag;Fällig am",
        "Beschwerden": "Ticketnummer;Rufnummer;Eröffnet;Thema;Eskaliert",
    }
    for first, after in months():
        rows: dict[str, list[object]] = {name: [[head]] for name, head in heads.items()}
        for life in (life for life in every if life.served(after)):
            line, odd = f"4917{20000000 + life.number * 91}", life.number % 3
            gone = any(k in {"left", "removed"} and at.date() < first for at, k in life.events)
            rows["Statuswechsel"] += [
                (line, f"{at:%d.%m.%Y %H:%M}", said[kind])
                for at, kind in life.events
                if first <= at.date() < after
            ]
            if gone:
                continue
            price, way = ("9,99", "19,99", "1.029,99")[odd], ("Vertrag", "Prepaid")[odd == 0]
            rows["Bestand"].append(
                (line, f"K{life.number // 2:06}", f"Größe {'SML'[odd]}", price, way,
                 f"{life.began:%d.%m.%Y}", ("Köln", "Düsseldorf", "Münster")[odd])
            )  # fmt: skip
            cents = draw.randrange(900, 250_000)
            amount = f"{cents // 100:,}".replace(",", ".") + f",{cents % 100:02}"
            due = after + timedelta(days=14)
            rows["Rechnungen"].append((line, f"{first:%m/%Y}", amount, f"{due:%d.%m.%Y}"))
            if life.number % 6 == 0:
                about = draw.choice(("Netz", "Rechnung", "Service"))
                ticket = f"T{first:%y%m}{life.number:05}"
                opened = f"{first:%d.%m.%Y} 09:{draw.randrange(60):02}"
                row = (ticket, line, opened, about, draw.choice(("Ja", "Nein")))
                rows["Beschwerden"].append(row)
        for name, lines in rows.items():
            write(folder / f"{name}_{first:%Y-%m}_{after:%Y-%m-%d}.csv", lines, ";", "cp1252")


def huabei(folder: Path) -> None:
    """Write Chinese files: roles, payment, recharges, plan changes, levels of complaints."""
    draw = Random(5)  # noqa: S311 - a world, no secret
    every = lives(21)
    said = {"cut": "欠费双停", "back": "缴费复机", "removed": "欠费销户", "left": "申请拆机"}
    heads = {
        "yonghu": "服务号码|客户标识|主副卡标识|付费方式|套餐名称|套餐月费|客户星级|发展渠道"
        "|入网时间|免打扰渠道",
        "biandong": "服务号码|变动时间|变动类型|变动原因",
        "zhangdan": "服务号码|账期|应收(分)|月租费(分)",
        "chongzhi": "服务号码|充值时间|充值金额|充值后余额",
        "taocan": "服务号码|办理时间|原套餐|新套餐|月费差额|变更原因",
        "tousu": "工单流水|服务号码|受理时刻|首次回复时间|办结时刻|投诉大类|投诉级别|客户是否满意",
    }
    why, about = ("用户申请", "优惠到期", "系统变更"), ("网络质量", "费用争议", "服务态度")
    for first, after in months():
        rows: dict[str, list[object]] = {name: [[head]] for name, head in heads.items()}
        day, hour = f"{first:%Y}/{first.month}/5", f"{first:%Y}/{first.month}/5 9:05:06"
        for life in (life for life in every if life.served(after)):
            line, odd = f"138{10000000 + life.number * 37}", life.number % 2
            rows["biandong"] += [
                (line, f"{at:%Y}/{at.month}/{at.day} {at:%H:%M:%S}", said[kind], "系统")
                for at, kind in life.events
                if first <= at.date() < after
            ]
            if any(k in {"left", "removed"} and at.date() < first for at, k in life.events):
                continue
            began = f"{life.began:%Y}/{life.began.month}/{life.began.day}"
            rows["yonghu"].append(
                (line, f"KH{life.number // 2:06}", ("主卡", "副卡")[odd], ("预付费", "后付费")[odd],
                 f"畅玩{odd}", 29 + odd, f"{life.number % 5}星", ("营业厅", "电渠")[odd], began,
                 ("", "电话", "短信", "电话、短信")[life.number % 4])
            )  # fmt: skip
            rows["zhangdan"].append((line, f"{first:%Y%m}", draw.randrange(3000, 9999), 2900))
            if not odd:
                rows["chongzhi"].append((line, hour, "50.00", f"{draw.randrange(50, 99)}.50"))
            if life.number % 9 == 0:
                rows["taocan"].append((line, day, "畅玩0", "畅玩1", 1 - 2 * odd, draw.choice(why)))
                level = draw.choice(("一般", "升级", "申诉"))
                case = (f"TS{first:%Y%m}{life.number:05}", line, hour, hour, hour)
                rows["tousu"].append((*case, draw.choice(about), level, ("满意", "不满意")[odd]))
        for name, lines in rows.items():
            write(folder / f"{name}_{first:%Y%m}_{after:%Y%m%d}.txt.gz", lines, "|", "gb18030")


_SHU = {
    "YHZL": "YHBH|KHBH|CPLX|TCMC|TCYF|RWSJ|XYDQR|FFFS|",
    "YHBD": "YHBH|BDSJ|YHZT|BDYY|",
    "YHZD": "YHBH|ZQ|YSJE|YZF|JFJZR|JFRQ|",
    "RYL": "YHBH|TJRQ|ZJCS|ZJSC|BJSC|DXTS|LL|",
}
_SHU_LISTS = {
    "YHZT": ("27|欠费双停", "41|在用", "55|欠费销户", "97|主动离网"),
    "CPLX": ("01|移动电话", "02|固定电话", "03|宽带"),
    "FFFS": ("1|预付费", "2|后付费"),
}


def shu(folder: Path) -> None:
    """Write a folder a region: headers of initials, fen, sums of days, codes told by lists."""
    draw = Random(7)  # noqa: S311 - a world, no secret
    every = lives(7)
    for first, after in months()[:4]:
        for number, region in enumerate(("CB", "CD", "JJ")):
            mine = [life for life in every if life.served(after) and life.number % 3 == number]
            rows = _of_shu(mine, first, after, draw)
            for name in ("YHZL", "YHZD"):
                rows[name].insert(20, rows[name][0])
                rows[name].append(f"合计|{len(mine)}" + "|" * (_SHU[name].count("|") - 1))
            for name, lines in rows.items():
                path = folder / region / f"{name}_{region}_{first:%Y%m}.TXT"
                write(path, ([line] for line in lines), "", "gb18030")
    for name, lines in _SHU_LISTS.items():
        write(folder / f"DM_{name}.TXT", ([f"{x}|"] for x in ("DM|MC", *lines)), "", "gb18030")


def _of_shu(mine: Iterable[Life], first: date, after: date, draw: Random) -> dict[str, list[str]]:
    code = {"cut": "27", "back": "41", "removed": "55", "left": "97"}
    rows = {name: [head] for name, head in _SHU.items()}
    for life in mine:
        line, odd = f"139{10000000 + life.number * 37}", life.number % 2
        began = datetime.combine(life.began, datetime.min.time())
        rows["YHBD"] += [
            f"{line}|{at:%Y%m%d%H%M%S}|{code[kind]}|系统|"
            for at, kind in [(began, "back"), *life.events]
            if first <= at.date() < after or (first == MONTHS[0] and at.date() < first)
        ]
        if any(k in {"left", "removed"} and at.date() < first for at, k in life.events):
            continue
        ends = f"{life.began + timedelta(days=700):%Y%m%d}" if odd else ""
        rows["YHZL"].append(
            f"{line}|5{life.number // 2:06}|0{1 + 2 * odd}|畅玩{odd}|{2900 + 1000 * odd}"
            f"|{life.began:%Y%m%d}|{ends}|{1 + odd}|"
        )
        due = f"{after + timedelta(days=9):%Y%m%d}"
        rows["YHZD"].append(f"{line}|{first:%Y%m}|{draw.randrange(3000, 29999)}|2900|{due}||")
        rows["RYL"] += [
            f"{line}|{first + timedelta(days=day):%Y%m%d}|3|{draw.randrange(3000)}|60|1|{day}.5|"
            for day in (0, 9, 20)
        ]
    return rows


def tirol(folder: Path) -> None:
    """Write products with start, end and reason in cp1252; barrings stand in another file."""
    every = lives(8)
    why = {"removed": "Kündigung durch Anbieter", "left": "Kündigung durch Kunde"}
    said = {"cut": "Vollsperre", "back": "Entsperrt"}
    head = "Vertragsnr.;Kundennr.;Produktart;Tarifbezeichnung;Grundpreis;Produktbeginn"
    products = [f"{head};Produktende;Beendigungsgrund;Mindestlaufzeit bis;"]
    barrings = ["Vertragsnr.;Zeitpunkt;Vorgang"]
    calls = ["Vertragsnr.;Beginn;Dauer;Richtung;Entgelt"]
    for life in every:
        line, odd = f"V{100000 + life.number}", life.number % 2
        gone = next(((at, kind) for at, kind in life.events if kind in why), None)
        ended = f"{gone[0]:%d.%m.%Y};{why[gone[1]]}" if gone else ";"
        until = f"{life.began + timedelta(days=700):%d.%m.%Y}" if odd else ""
        products.append(
            f"{line};K{life.number // 2};{('Mobilfunk', 'Glasfaser')[odd]};Größe {odd};"
            f"{('9,99', '1.029,00')[odd]};{life.began:%d.%m.%Y};{ended};{until};"
        )
        barrings += [f"{line};{at:%d.%m.%Y %H:%M};{said[k]}" for at, k in life.events if k in said]
        calls.append(f"{line};05.01.2025 10:00;00:0{odd + 1}:10;abgehend;{odd},10 €")
    products.append(f"Summe;{len(every)}" + ";" * (products[0].count(";") - 1))
    for name, lines in {"Produkte": products, "Sperren": barrings, "Gespräche": calls}.items():
        write(folder / f"{name}_20250201.csv", ([x] for x in lines), "", "cp1252")


LAYOUTS: dict[str, Callable[[Path], None]] = {
    layout.__name__: layout
    for layout in (balkan, jiangnan, ruritania, lingnan, hanse, huabei, shu, tirol)
}
