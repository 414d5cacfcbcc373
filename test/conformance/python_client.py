"""Calls every public method of the official Python client against a running simulator.

Usage: python_client.py http://127.0.0.1:8788/v2 CODE DATE FROM TO
Prints one JSON line a method: {"method", "rows"} or {"method", "error"}; exit code 1 when any failed.
The client's files are untouched; only its base URL is pointed at the simulator.
"""

import inspect
import json
import sys
import tempfile
import warnings
from pathlib import Path

import jquantsapi
import requests

warnings.simplefilter("ignore")

base, code, date, start, end = sys.argv[1:6]
jquantsapi.ClientV2.JQUANTS_API_BASE = base
client = jquantsapi.ClientV2(api_key="conformance")
folder = Path(tempfile.mkdtemp())
month = date[:7]

span = {"start_dt": start, "end_dt": end}
of_code = {"code": code}
of_date = {"date_yyyymmdd": date}

calls = {
    "get_eq_master": [{}, {"code": code[:4]}, {"date": date}],
    "get_market_segments": [{}],
    "get_17_sectors": [{}],
    "get_33_sectors": [{}],
    "get_list": [{}, of_code],
    "get_eq_bars_daily": [of_date, {**of_code, "from_yyyymmdd": start, "to_yyyymmdd": end}],
    "get_eq_bars_daily_range": [span],
    "get_eq_valuation": [of_date, of_code],
    "get_eq_valuation_range": [span],
    "get_eq_bars_daily_am": [{}, of_code],
    "get_eq_bars_minute": [{**of_code, **of_date}, of_date],
    "get_eq_bars_5minute": [{**of_code, **of_date}],
    "get_eq_bars_15minute": [{**of_code, **of_date}],
    "get_eq_investor_types": [{}, {"section": "TSEPrime"}],
    "get_fin_summary": [of_date, of_code],
    "get_fin_summary_range": [span],
    "get_fin_summary_cursor": [of_date, of_code],
    "get_fin_details": [of_date, of_code],
    "get_fin_details_range": [span],
    "get_fin_details_cursor": [of_date, of_code],
    "get_fin_dividend": [of_code, of_date],
    "get_fin_earnings_date": [of_code, {"scheduled_date_yyyymmdd": date}],
    "get_fin_earnings_date_range": [{**span, "start_dt": f"{int(start[:4])}-01-05"}],
    "get_eq_earnings_cal": [{}],
    "get_mkt_short_ratio": [of_date, {"sector_33_code": "3650", "from_yyyymmdd": start, "to_yyyymmdd": end}],
    "get_mkt_short_ratio_range": [span],
    "get_mkt_short_sale_report": [of_code],
    "get_mkt_short_sale_report_range": [span],
    "get_mkt_margin_interest": [of_code, of_date],
    "get_mkt_margin_interest_range": [span],
    "get_mkt_margin_alert": [of_code, of_date],
    "get_mkt_margin_alert_range": [span],
    "get_mkt_breakdown": [of_date, of_code],
    "get_mkt_breakdown_range": [span],
    "get_mkt_calendar": [{}, {"holiday_division": "1", "from_yyyymmdd": start, "to_yyyymmdd": end}],
    "get_idx_bars_daily": [of_date, {"code": "0000"}],
    "get_idx_bars_daily_topix": [{}, {"from_yyyymmdd": start, "to_yyyymmdd": end}],
    "get_drv_bars_daily_fut": [of_date],
    "get_drv_bars_daily_opt": [of_date],
    "get_drv_bars_daily_opt_225": [of_date],
    "get_drv_bars_daily_fut_range": [span],
    "get_drv_bars_daily_opt_range": [span],
    "get_drv_bars_daily_opt_225_range": [span],
    "get_bulk_list": [{"endpoint": "/equities/bars/daily"}, {"date": month}],
    "get_bulk": [{"endpoint": "/equities/bars/daily", "date": date}],
    "download_bulk": [{"key": None, "output_path": str(folder / "by-key.csv.gz")}],
    "download_bulk_by_endpoint": [
        {"endpoint": "/equities/bars/daily", "date": date, "output_path": str(folder / "by-date.csv.gz")}
    ],
    "get_edinet_major_shareholders": [of_code, {}],
    "get_edinet_cross_shareholdings": [of_code],
    "get_edinet_large_volume_shareholders": [{"date": date}],
    "get_td_list": [{"date": date}, of_code],
    "get_td_files": [{"disc_no": None}],
    "get_td_bulk": [{}],
}


def size(result):
    """Rows of a table or list, 1 for another answer that holds something."""
    if isinstance(result, tuple):
        return size(result[0])
    if hasattr(result, "columns"):
        return len(result)
    return 0 if result in (None, "", {}) else 1


def prepared(method, arguments):
    """Fills in arguments that come from an earlier answer, and drops names that this release does not know."""
    if method == "download_bulk":
        keys = client.get_bulk_list(endpoint="/equities/bars/daily")["Key"]
        arguments = {**arguments, "key": keys.iloc[-1]}
    if method == "get_td_files":
        listed = client.get_td_list(code=code)
        table = listed[0] if isinstance(listed, tuple) else listed
        arguments = {"__first__": table["DiscNo"].iloc[0]}
    return arguments


def call(method, arguments):
    function = getattr(client, method)
    arguments = prepared(method, arguments)
    if "__first__" in arguments:
        return function(arguments["__first__"])
    known = inspect.signature(function).parameters
    unknown = set(arguments) - set(known)
    if unknown:
        renamed = {"date_yyyymmdd": "date", "date": "date_yyyymmdd", "disc_no": "discNo"}
        arguments = {renamed.get(k, k) if k in unknown else k: v for k, v in arguments.items()}
    return function(**arguments)


failed = 0
public = [name for name in dir(client) if name.startswith(("get_", "download_"))]
for method in sorted(set(public) | set(calls)):
    try:
        if method not in calls:
            raise AssertionError("no call is written down for this method")
        rows = sum(size(call(method, arguments)) for arguments in calls[method])
        if method.startswith("download_"):
            rows = sum(path.stat().st_size > 100 for path in folder.iterdir())
        print(json.dumps({"method": method, "rows": rows}))
    except Exception as error:  # one line a method, whatever goes wrong in the client
        failed += 1
        print(json.dumps({"method": method, "error": f"{type(error).__name__}: {error}"}))

def survives_server_errors():
    """The client's own retries, which it mounts for https only, carry it over two 500s and a 429."""
    session = client._request_session()
    session.mount("http://", session.get_adapter("https://"))
    control = base.removesuffix("/v2") + "/__sim/faults"
    faults = [{"kind": "server-error", "count": 2}, {"kind": "rate-limit", "count": 1}]
    requests.post(control, json=faults, timeout=30).raise_for_status()
    return len(client.get_eq_master())


try:
    print(json.dumps({"method": "(retries)", "rows": survives_server_errors()}))
except Exception as error:
    failed += 1
    print(json.dumps({"method": "(retries)", "error": f"{type(error).__name__}: {error}"}))

print(json.dumps({"client": jquantsapi.__version__, "failed": failed}))
sys.exit(1 if failed else 0)
