"""The kinds of structures. Apart from `window_extremes` all of them wait for what the data make."""

from collections.abc import Callable

import attrs

from ideacards.indicators.kind import Indicator, Param, ParamKind, Params, all_from, table_of
from ideacards.structures.breaks import BLOCK_SIZE, BREAK_SIZE, REACHES, SIDES, break_size
from ideacards.structures.gaps import GAP_SIZE
from ideacards.structures.levels import EQUAL_SIDES, EQUAL_SIZE, TOLERANCES, ZONE_SIDES, ZONE_SIZE
from ideacards.structures.periods import PERIOD_SIZE, SESSION_SIZE
from ideacards.structures.swings import SWING_SIZE, TREND_SIZE, pivot_size
from ideacards.structures.windows import window_size
from ideacards.structures.zigzag import LEG_SIZE, MEASURES

__all__ = ["STRUCTURES"]

_AT = "structures"
_STRENGTH = (Param("left", default=2), Param("right", default=2))
_REACH = Param("by", ParamKind.WORD, "close", REACHES)
_SIDE = Param("side", ParamKind.WORD, "bullish", SIDES)
_ATR_LENGTH = Param("length", default=14)
_LEG = (Param("threshold", ParamKind.NUMBER), Param("by", ParamKind.WORD, "percent", MEASURES), _ATR_LENGTH)
_HL = ("high", "low")
_HLC = (*_HL, "close")
_KNOWN = ("age", "confirmed_at")
_BOX = ("top", "bottom", "state", *_KNOWN)
_SWINGS = ("high", "high_age", "high_confirmed_at", "low", "low_age", "low_confirmed_at")
_ZIGZAG = ("pivot", "kind", "leg", "extreme", "pivot_age", *_KNOWN)
_LEVELS = ("level_236", "level_382", "level_500", "level_618", "level_786")
_EQUAL = ("level", "state", "sweep_age", *_KNOWN)
_SESSION = ("high", "low", "running_high", "running_low", "is_open", *_KNOWN)
_EXTREMES = ("high", "low", "high_age", "low_age")


def _kind(
    step: str,
    params: tuple[Param, ...],
    inputs: tuple[str, ...],
    outputs: tuple[str, ...],
    warm: Callable[[Params], int],
    size: Callable[[Params], int],
) -> Indicator:
    """A kind that reads bars, and whose outputs may all exist from the same bar on."""
    return Indicator(
        step.partition(":")[2],
        f"{_AT}.{step}",
        params,
        warm_index=all_from(outputs, warm),
        state_size=size,
        inputs=inputs,
        default_of=None,
        outputs=outputs,
        is_recursive=True,
        waits_for_data=True,
    )


def _pivots(params: Params) -> int:
    return pivot_size(params["left"], params["right"])


def _first_swing(params: Params) -> int:
    return int(params["left"] + params["right"])


def _second_swing(params: Params) -> int:
    """Where the second swing of a side can be confirmed: a swing rules out the next min(left, right) bars."""
    return int(_first_swing(params) + min(params["left"], params["right"]) + 1)


def _turn(params: Params) -> int:
    return 1 + (params["length"] if params["by"] == "atr" else 0)


def _zigzag_warm(params: Params) -> dict[str, int]:
    return dict.fromkeys(_ZIGZAG, _turn(params)) | {"leg": _turn(params) + 1}


def _equal_warm(params: Params) -> dict[str, int]:
    first = max(_second_swing(params), params["length"] if params["by"] == "atr" else 0)
    return dict.fromkeys(_EQUAL, first) | {"sweep_age": first + 1}


def _session_fault(params: Params) -> str | None:
    return "end must differ from start" if params["start"] == params["end"] else None


STRUCTURES = table_of(
    _kind(
        "swings:swing",
        _STRENGTH,
        (*_HL, "ts_close"),
        _SWINGS,
        _first_swing,
        lambda p: SWING_SIZE + 2 * _pivots(p),
    ),
    _kind(
        "swings:trend_state",
        _STRENGTH,
        (*_HL, "ts_close"),
        ("state", "label", *_KNOWN),
        _second_swing,
        lambda p: TREND_SIZE + 2 * _pivots(p),
    ),
    attrs.evolve(
        _kind("zigzag:zigzag", _LEG, (*_HLC, "ts_close"), _ZIGZAG, _turn, lambda p: LEG_SIZE),
        warm_index=_zigzag_warm,
    ),
    _kind(
        "zigzag:fibonacci",
        _LEG,
        (*_HLC, "ts_close"),
        ("start", "end", *_LEVELS, *_KNOWN),
        lambda p: _turn(p) + 1,
        lambda p: LEG_SIZE,
    ),
    _kind(
        "breaks:structure_break",
        (*_STRENGTH, _REACH),
        (*_HLC, "ts_close"),
        ("direction", "level", "is_change", *_KNOWN),
        lambda p: _first_swing(p) + 1,
        lambda p: BREAK_SIZE + 2 * break_size(p["left"], p["right"]),
    ),
    _kind(
        "breaks:order_block",
        (_SIDE, *_STRENGTH, _REACH),
        ("open", *_HLC, "ts_close"),
        _BOX,
        lambda p: _first_swing(p) + 1,
        lambda p: BLOCK_SIZE + break_size(p["left"], p["right"]),
    ),
    _kind("gaps:fair_value_gap", (_SIDE,), (*_HL, "ts_close"), _BOX, lambda p: 2, lambda p: GAP_SIZE),
    attrs.evolve(
        _kind(
            "levels:equal_levels",
            (
                Param("side", ParamKind.WORD, "highs", EQUAL_SIDES),
                Param("tolerance", ParamKind.NUMBER),
                Param("by", ParamKind.WORD, "percent", TOLERANCES),
                *_STRENGTH,
                _ATR_LENGTH,
            ),
            (*_HLC, "ts_close"),
            _EQUAL,
            _second_swing,
            lambda p: EQUAL_SIZE + _pivots(p),
        ),
        warm_index=_equal_warm,
    ),
    _kind(
        "levels:zone",
        (
            Param("side", ParamKind.WORD, "demand", ZONE_SIDES),
            Param("width", ParamKind.NUMBER, 1.0),
            *_STRENGTH,
            _ATR_LENGTH,
        ),
        (*_HLC, "ts_close"),
        ("top", "bottom", "touches", "state", *_KNOWN),
        lambda p: max(_first_swing(p), p["length"]),
        lambda p: ZONE_SIZE + _pivots(p),
    ),
    _kind(
        "periods:previous_day", (), (*_HLC, "ts_open", "ts_close"), (*_HLC, *_KNOWN), lambda p: 1, lambda p: PERIOD_SIZE
    ),
    _kind(
        "periods:previous_week",
        (),
        (*_HLC, "ts_open", "ts_close"),
        (*_HLC, *_KNOWN),
        lambda p: 1,
        lambda p: PERIOD_SIZE,
    ),
    attrs.evolve(
        _kind(
            "periods:session_range",
            (Param("start", ParamKind.MINUTE), Param("end", ParamKind.MINUTE)),
            (*_HL, "ts_open", "ts_close"),
            _SESSION,
            lambda p: 0,
            lambda p: SESSION_SIZE,
        ),
        check=_session_fault,
    ),
    Indicator(
        "window_extremes",
        f"{_AT}.extremes:window_extremes",
        (Param("length"),),
        warm_index=all_from(_EXTREMES, lambda p: p["length"] - 1),
        state_size=lambda p: 1 + 2 * window_size(p["length"]),
        inputs=_HL,
        default_of=None,
        outputs=_EXTREMES,
    ),
)
