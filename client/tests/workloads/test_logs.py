from labpass.workloads import logs


def test_what_was_not_wished_is_not_asked() -> None:
    assert not logs.Wish().params()


def test_a_wish_as_the_api_server_reads_it() -> None:
    wish = logs.Wish(
        follow=True, previous=True, timestamps=True, tail=0, since_seconds=60, container="main"
    )
    assert wish.params() == {
        "follow": "true",
        "previous": "true",
        "timestamps": "true",
        "tailLines": "0",
        "sinceSeconds": "60",
        "container": "main",
    }
