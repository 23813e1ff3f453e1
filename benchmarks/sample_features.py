"""Monthly features of the synthetic operator, computed from its delivered files in Polars.

Independent of the product on purpose: it judges the world, not the pipeline.
"""

from __future__ import annotations

import gzip
from datetime import date, timedelta
from pathlib import Path

import polars as pl


def number(day: date) -> int:
    """Return a date as YYYYMM."""
    return day.year * 100 + day.month


def back(day: date, months: int) -> date:
    """Return the first of the month so many months before."""
    year, month0 = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month0 + 1, 1)


class Extract:
    """The delivered files, read once."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "extracts"
        self.peers: dict[int, pl.DataFrame] = {}
        self.usage = pl.concat([self._usage(path) for path in self._files("calls")])
        self.bills = {path.name[6:21]: self._bills(path) for path in self._files("bills")}
        self.subscribers = {
            path.name[-15:-7]: pl.read_csv(path, try_parse_dates=True)
            for path in self._files("subscribers")
        }
        self.events = self._all("status_events", encoding="gb18030").rename(
            {"用户编号": "subscriber_id", "生效时间": "at", "状态": "status", "原因": "reason"}
        )
        self.arrears = self._all("arrears", encoding="gb18030")
        self.complaints = self._all("complaints", encoding="gb18030")
        self.faults = self._all("faults")
        self.orders = self._all("service_orders")
        self.surveys = self._all("surveys")
        self.visits = self._all("visits")
        self.notices = self._all("notices")
        self.contacts = self._all("campaign_contacts")

    def _files(self, table: str) -> list[Path]:
        return sorted((self.root / table).iterdir())

    def _all(self, table: str, encoding: str = "utf-8") -> pl.DataFrame:
        parts = [
            pl.read_csv(
                gzip.decompress(path.read_bytes()).decode(encoding).encode(), infer_schema=False
            ).with_columns(delivered=pl.lit(path.name[-15:-7]).str.to_date("%Y%m%d"))
            for path in self._files(table)
        ]
        first = pl.concat(parts)
        key = "用户编号" if "用户编号" in first.columns else "subscriber_id"
        return first.with_columns(pl.col(key).cast(pl.Int64)) if key in first.columns else first

    def _usage(self, path: Path) -> pl.DataFrame:
        month = int(path.name[6:12])
        rows = pl.read_csv(path, ignore_errors=True, truncate_ragged_lines=True).drop_nulls(
            ["subscriber_id"]
        )
        rows = rows.filter(pl.col("started_at").str.len_chars() == 19)
        voice = rows.filter(pl.col("kind") != "data")
        pairs = voice.filter(pl.col("network") != "fixed").select("subscriber_id", "peer_id")
        self.peers[month] = pairs.unique()
        rival = pl.col("network") == "competitor"
        return rows.group_by("subscriber_id").agg(
            month=pl.lit(month),
            calls=pl.len(),
            talks=(pl.col("kind") != "data").sum(),
            rival=rival.sum(),
            out=(pl.col("direction") == "out").sum(),
            seconds=pl.col("seconds").sum(),
            megabytes=pl.col("megabytes").sum(),
            peers=pl.col("peer_id").n_unique(),
            charge=pl.col("charge").sum(),
        )

    def _bills(self, path: Path) -> pl.DataFrame:
        rows = pl.read_csv(path, ignore_errors=True, truncate_ragged_lines=True)
        rows = rows.drop_nulls(["subscriber_id", "amount_due", "due_on"])
        return rows.unique("subscriber_id", keep="first", maintain_order=True)

    def features(self, t: date) -> pl.DataFrame:
        """Return one row per subscriber on the books, known at ``t``."""
        frame = self.subscribers[f"{t:%Y%m%d}"].with_columns(pl.col("activated_on"))
        frame = frame.filter(pl.col("activated_on") <= t - timedelta(days=60))
        lines_held = frame.group_by("customer_id").agg(lines=pl.len())
        frame = frame.join(lines_held, on="customer_id", how="left")
        ends = (pl.col("contract_ends_on") - t).dt.total_days()
        frame = frame.select(
            "subscriber_id",
            "customer_id",
            tenure=(pl.lit(t) - pl.col("activated_on")).dt.total_days(),
            days_to_end=ends.fill_null(999),
            no_contract=ends.is_null().cast(pl.Int8),
            plan=pl.col("plan").cast(pl.Categorical).to_physical(),
            product=pl.col("product").replace_strict(
                {"mobile": 0, "fixed": 1, "broadband": 2, "leased": 3}
            ),
            region=pl.col("region").rank("dense"),
            business=(pl.col("customer_type") == "business").cast(pl.Int8),
            bundled=pl.col("bundle").is_not_null().cast(pl.Int8),
            key_account=pl.col("key_account_classes").is_not_null().cast(pl.Int8),
            lines=pl.col("lines"),
        )
        for part in (
            self._usage_features(t),
            self._bill_features(t),
            self._trouble_features(t),
            self._case_features(t),
            self._circle_features(t),
        ):
            frame = frame.join(part, on="subscriber_id", how="left")
        away = self._household(t)
        frame = frame.join(away, on="customer_id", how="left")
        visits = self.visits.filter(pl.col("delivered") <= t).with_columns(
            pl.col("visited_on").str.to_date()
        )
        visits = visits.group_by("customer_id").agg(visited=pl.col("visited_on").max())
        frame = frame.join(visits, on="customer_id", how="left").with_columns(
            unvisited=(pl.lit(t) - pl.col("visited")).dt.total_days().fill_null(999)
        )
        stopped = self._state(t)
        frame = frame.join(stopped, on="subscriber_id", how="left")
        frame = frame.filter(pl.col("in_service").fill_null(value=True))
        return frame.drop("customer_id", "visited", "in_service").with_columns(snapshot=pl.lit(t))

    def _usage_features(self, t: date) -> pl.DataFrame:
        months = [number(back(t, lag)) for lag in range(1, 7)]
        quarter, before = months[:3], months[3:]
        rows = self.usage.filter(pl.col("month").is_in(months))

        def total(name: str, of: list[int]) -> pl.Expr:
            return pl.col(name).filter(pl.col("month").is_in(of)).sum()

        sums = rows.group_by("subscriber_id").agg(
            calls_1m=total("calls", months[:1]),
            calls_1q=total("calls", quarter),
            calls_2q=total("calls", before),
            talks_1q=total("talks", quarter),
            rival_1q=total("rival", quarter),
            rival_2q=total("rival", before),
            talks_2q=total("talks", before),
            megabytes_1q=total("megabytes", quarter),
            megabytes_2q=total("megabytes", before),
            seconds_1q=total("seconds", quarter),
            peers_1q=total("peers", quarter),
        )
        return sums.with_columns(
            call_trend=(pl.col("calls_1q") + 1) / (pl.col("calls_2q") + 1),
            call_trend_1m=(pl.col("calls_1m") * 3 + 1) / (pl.col("calls_1q") + 1),
            competitor_share_1q=(pl.col("rival_1q")) / (pl.col("talks_1q") + 1),
            competitor_share_rise=pl.col("rival_1q") / (pl.col("talks_1q") + 1)
            - pl.col("rival_2q") / (pl.col("talks_2q") + 1),
            megabyte_trend=(pl.col("megabytes_1q") + 1) / (pl.col("megabytes_2q") + 1),
        ).drop("calls_2q", "rival_2q", "talks_2q", "megabytes_2q", "rival_1q")

    def _bill_features(self, t: date) -> pl.DataFrame:
        frames = []
        for lag in range(1, 7):
            month = back(t, lag)
            delivered = back(month, -1) if lag == 1 else back(month, -2)
            rows = self.bills.get(f"{month:%Y%m}_{delivered:%Y%m%d}")
            if rows is not None:
                frames.append(
                    rows.select(
                        "subscriber_id",
                        "amount_due",
                        "recurring",
                        "value_added",
                        "discount",
                        "due_on",
                        "paid_on",
                        "amount_paid",
                        used=pl.col("usage").cast(pl.Float64) + pl.col("data").cast(pl.Float64),
                        lag=pl.lit(lag),
                    ).cast(
                        {"amount_due": pl.Float64, "amount_paid": pl.Float64, "paid_on": pl.String}
                    )
                )
        rows = pl.concat(frames, how="vertical_relaxed")

        def at(name: str, *lags: int) -> pl.Expr:
            return pl.col(name).filter(pl.col("lag").is_in(lags)).mean()

        paid = pl.col("paid_on").str.to_date(strict=False)
        delay = (paid - pl.col("due_on").cast(pl.String).str.to_date(strict=False)).dt.total_days()
        rows = rows.with_columns(
            delay=delay,
            late=((delay > 0) | pl.col("paid_on").is_null()).cast(pl.Float64),
            missing=pl.col("paid_on").is_null().cast(pl.Float64),
        )
        return rows.group_by("subscriber_id").agg(
            bill=at("amount_due", 1),
            bill_change=(at("amount_due", 1) + 1) / (at("amount_due", 2, 3, 4) + 1),
            used=at("used", 1),
            used_ratio=at("used", 1) / (at("recurring", 1) + 1),
            use_trend=(at("used", 1) + 0.5) / (at("used", 4) + 0.5),
            use_trend_2=(at("used", 1, 2) + 0.5) / (at("used", 4, 5, 6) + 0.5),
            recurring_change=(at("recurring", 1) + 1) / (at("recurring", 2, 3, 4) + 1),
            bill_change_max=(at("amount_due", 1, 2) + 1) / (at("amount_due", 3, 4, 5, 6) + 1),
            discount_share=pl.col("discount").cast(pl.Float64).sum()
            / (pl.col("recurring").cast(pl.Float64).sum() + 1),
            value_added=at("value_added", 1),
            value_added_change=at("value_added", 1) - at("value_added", 2),
            unpaid_bill=at("missing", 2),
            paid_late=at("late", 2),
            delay=at("delay", 2),
            late_share=pl.col("late").filter(pl.col("lag") > 1).mean(),
            late_share_before=pl.col("late").filter(pl.col("lag") > 2).mean(),
        )

    def _trouble_features(self, t: date) -> pl.DataFrame:
        last = (t - timedelta(days=1)).strftime("%Y%m%d")
        owing = self.arrears.filter(pl.col("统计日期") == last).select(
            subscriber_id="用户编号",
            overdue_amount=pl.col("欠费金额").cast(pl.Float64),
            overdue_days=pl.col("欠费天数").cast(pl.Float64),
            overdue_bills=pl.col("欠费账期数").cast(pl.Float64),
        )
        known = self._events_known(t)
        year = known.filter(pl.col("day") >= t - timedelta(days=400))
        stopped = year.filter(pl.col("status").is_in(["双停", "欠费服务暂停"]))
        past = stopped.group_by("subscriber_id").agg(
            suspensions_1y=pl.len(),
            since_suspension=(pl.lit(t) - pl.col("day").max()).dt.total_days(),
        )
        soft = year.filter(pl.col("status") == "单停").group_by("subscriber_id").agg(soft=pl.len())
        reminded = self.notices.filter(pl.col("delivered") <= t).filter(
            pl.col("notified_on").str.to_date() >= t - timedelta(days=180)
        )
        reminded = reminded.group_by("subscriber_id").agg(reminders=pl.len())
        frame = past
        for part in (soft, owing, reminded):
            frame = frame.join(part, on="subscriber_id", how="full", coalesce=True)
        zero = ["suspensions_1y", "soft", "overdue_amount", "overdue_days", "overdue_bills"]
        return frame.with_columns(pl.col([*zero, "reminders"]).fill_null(0))

    def _events_known(self, t: date) -> pl.DataFrame:
        known = self.events.filter(pl.col("delivered") <= t)
        at = pl.col("at").str.slice(0, 19).str.to_datetime(strict=False)
        return known.with_columns(moment=at, day=at.dt.date())

    def _state(self, t: date) -> pl.DataFrame:
        known = self._events_known(t).sort("moment")
        last = known.group_by("subscriber_id", maintain_order=True).agg(pl.col("status").last())
        good = ["在用", "单停", "停机保号"]
        return last.select(
            "subscriber_id",
            in_service=pl.col("status").is_in(good),
            on_hold=(pl.col("status") == "停机保号").cast(pl.Int8),
        )

    def _case_features(self, t: date) -> pl.DataFrame:
        cases = self.complaints.filter(pl.col("delivered") <= t).sort("delivered")
        cases = cases.unique("投诉编号", keep="last", maintain_order=True)
        opened = pl.col("受理时间").str.slice(0, 10).str.to_date()
        closed = pl.col("办结时间").str.slice(0, 10).str.to_date().fill_null(t)
        cases = cases.with_columns(opened=opened, took=(closed - opened).dt.total_days())
        cases = cases.filter(pl.col("opened") >= t - timedelta(days=90))
        made = cases.group_by(subscriber_id="用户编号").agg(
            complaints=pl.len(),
            slow_complaint=pl.col("took").max(),
            complaint_age=(pl.lit(t) - pl.col("opened").max()).dt.total_days(),
            value_added_complaint=(pl.col("投诉类别") == "增值业务").sum(),
            escalated=(pl.col("是否升级") == "是").sum(),
        )
        faults = self.faults.filter(pl.col("delivered") <= t).sort("delivered")
        faults = faults.unique("fault_id", keep="last", maintain_order=True)
        began = pl.col("opened_at").str.slice(0, 19).str.to_datetime(strict=False)
        ended = pl.col("restored_at").str.slice(0, 19).str.to_datetime(strict=False)
        faults = faults.with_columns(
            began=began, hours=(ended - began).dt.total_hours().fill_null(300)
        )
        faults = faults.filter(pl.col("began").dt.date() >= t - timedelta(days=90))
        broke = faults.group_by("subscriber_id").agg(
            faults=pl.len(), repair_hours=pl.col("hours").max()
        )
        said = self.surveys.filter(pl.col("delivered") <= t).filter(
            pl.col("answered_on").str.to_date() >= t - timedelta(days=180)
        )
        said = said.group_by("subscriber_id").agg(score=pl.col("score").cast(pl.Float64).mean())
        ordered = self.orders.filter(
            (pl.col("delivered") <= t) & (pl.col("kind") == "other")
        ).filter(pl.col("ordered_on").str.to_date() >= t - timedelta(days=180))
        ordered = ordered.group_by("subscriber_id").agg(changes=pl.len())
        frame = made
        for part in (broke, said, ordered):
            frame = frame.join(part, on="subscriber_id", how="full", coalesce=True)
        zero = ["complaints", "slow_complaint", "value_added_complaint", "escalated", "faults"]
        zero += ["repair_hours", "changes"]
        return frame.with_columns(pl.col(zero).fill_null(0))

    def _left(self, t: date) -> pl.DataFrame:
        known = self._events_known(t).filter(pl.col("status").is_in(["退网停机", "携号转出"]))
        return (
            known.filter(pl.col("day") >= t - timedelta(days=90)).select("subscriber_id").unique()
        )

    def _circle_features(self, t: date) -> pl.DataFrame:
        months = [number(back(t, lag)) for lag in range(1, 7)]
        known = [self.peers[month] for month in months if month in self.peers]
        pairs = pl.concat(known).unique()
        left = self._left(t).rename({"subscriber_id": "peer_id"})
        return pairs.join(left, on="peer_id").group_by("subscriber_id").agg(contacts_left=pl.len())

    def _household(self, t: date) -> pl.DataFrame:
        owners = pl.concat(
            [
                self.subscribers[f"{back(t, lag):%Y%m%d}"].select("subscriber_id", "customer_id")
                for lag in range(5)
                if f"{back(t, lag):%Y%m%d}" in self.subscribers
            ]
        ).unique()
        gone = self._left(t).join(owners, on="subscriber_id")
        return gone.group_by("customer_id").agg(household_left=pl.len())
