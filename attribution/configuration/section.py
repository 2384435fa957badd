"""What every part of the configuration is made of: typed, frozen sections and exact amounts."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, field_validator


def exact(value: object) -> object:
    """YAML reads 2.10 as a binary float; its shortest decimal spelling is what the file says."""
    if isinstance(value, bool):
        raise ValueError("a number is needed, not true or false")  # noqa: TRY004  (pydantic wants ValueError)
    return repr(value) if isinstance(value, float) else value


def known_zone(name: str) -> str:
    """The name of a time zone that there is. Raises ValueError. `Europe` is a folder of zones, and no file for `zoneinfo`."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as problem:
        raise ValueError("an IANA time zone name is needed, such as UTC or Europe/Berlin") from problem
    return name


Money = Annotated[Decimal, BeforeValidator(exact), Field(ge=0, max_digits=38, allow_inf_nan=False)]
"""An exact amount, in USD where nothing else is said; zero is free, absent is unknown."""
Positive = Annotated[Decimal, BeforeValidator(exact), Field(gt=0, max_digits=38, allow_inf_nan=False)]
"""An exact number above zero."""


class Section(BaseModel):
    """A part of the configuration: typed, frozen, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @field_validator("*", mode="before")
    @classmethod
    def _no_number(cls, value: object, info: ValidationInfo) -> object:
        """`true` is the number 1 to the validating library, and would be kept as one."""
        if isinstance(value, bool) and not _takes_truth(cls.model_fields[str(info.field_name)].annotation):
            raise ValueError("a number or a text is needed, not true or false")
        return value


def _takes_truth(kind: Any) -> bool:
    return kind is bool or any(map(_takes_truth, get_args(kind)))
