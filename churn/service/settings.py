"""Which jobs are called back, and when service is late (``service:``)."""

from __future__ import annotations

from pydantic import Field

from churn.frozen import Frozen


class ServiceSettings(Frozen):
    """What is checked of service, and over how many days it is told."""

    callback_share: float = Field(
        0.1, ge=0, le=1, description="share of each kind of job that is called back"
    )
    callback_days: int = Field(
        7, gt=0, description="days after it was finished in which a job is called back"
    )
    days: int = Field(30, gt=0, description="days of complaints, orders and faults that are told")
    complaint_days: int = Field(
        15, gt=0, description="days after which an open complaint is overdue"
    )
    repeat_days: int = Field(
        30, gt=0, description="days within which another fault of the line is a repeat"
    )
    survey_days: int = Field(90, gt=0, description="days of surveys that are averaged")
    least_surveys: int = Field(
        5, gt=0, description="surveys from which on an account manager's mean score is told"
    )
