"""What an API server's metrics say."""

from labpass.rollout import trust_metrics

PREFIX = "apiserver_authentication_config_controller_"
REAL = f"""\
# HELP {PREFIX}last_config_info [ALPHA] Information about the last applied configuration.
# TYPE {PREFIX}last_config_info gauge
{PREFIX}last_config_info{{apiserver_id_hash="sha256:73",hash="sha256:64"}} 1
{PREFIX}automatic_reloads_total{{apiserver_id_hash="sha256:73",status="failure"}} 2
{PREFIX}automatic_reloads_total{{apiserver_id_hash="sha256:73",status="success"}} 1e+01
{PREFIX}automatic_reload_last_timestamp_seconds{{status="success"}} 1.795e+09
apiserver_request_total{{code="200"}} 7
"""


def test_hash_and_counters_are_read() -> None:
    found = trust_metrics.parse(REAL)
    assert (found.hashes, found.successes, found.failures) == (("sha256:64",), 10, 2)


def test_what_is_not_there_counts_as_zero() -> None:
    found = trust_metrics.parse("")
    assert (found.hashes, found.successes, found.failures) == ((), 0, 0)
