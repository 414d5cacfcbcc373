"""Closed weekdays of the Tokyo Stock Exchange, 2008 to 2027, from two independent sources: test/golden/jpx-sessions.json."""

import datetime
import hashlib
import json
import pathlib
import warnings

import exchange_calendars
import jpholiday
import pandas

warnings.filterwarnings("ignore")
FIRST, LAST = datetime.date(2008, 1, 1), datetime.date(2027, 12, 31)


def weekdays():
    day = FIRST
    while day <= LAST:
        if day.weekday() < 5:
            yield day
        day += datetime.timedelta(days=1)


def by_holidays(day):
    year_end = (day.month, day.day) in {(12, 31), (1, 1), (1, 2), (1, 3)}
    return year_end or jpholiday.is_holiday(day)


def by_exchange():
    calendar = exchange_calendars.get_calendar("XTKS", start=str(FIRST), end=str(LAST))
    sessions = {session.date() for session in calendar.sessions}
    return [day for day in weekdays() if day not in sessions]


holidays = [day.isoformat() for day in weekdays() if by_holidays(day)]
exchange = [day.isoformat() for day in by_exchange()]
print("only jpholiday:", sorted(set(holidays) - set(exchange)))
print("only XTKS:", sorted(set(exchange) - set(holidays)))
golden = {
    "versions": {
        "exchange_calendars": exchange_calendars.__version__,
        "jpholiday": __import__("importlib.metadata", fromlist=["version"]).version("jpholiday"),
        "pandas": pandas.__version__,
    },
    "call": "closed weekdays: jpholiday.is_holiday(day) or 31 December to 3 January; "
    "exchange_calendars.get_calendar('XTKS').sessions gives the same days except those under differences",
    "from": FIRST.isoformat(),
    "to": LAST.isoformat(),
    "closedWeekdays": holidays,
    "differences": {
        "onlyJpholiday": sorted(set(holidays) - set(exchange)),
        "onlyXtks": sorted(set(exchange) - set(holidays)),
    },
    "sha256": hashlib.sha256("\n".join(holidays).encode()).hexdigest(),
}
path = pathlib.Path(__file__).resolve().parent.parent / "jpx-sessions.json"
path.write_text(json.dumps(golden, separators=(",", ":")) + "\n")
print(len(holidays), path)
