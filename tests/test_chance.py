"""Random streams by name."""

from __future__ import annotations

from fastecg.chance import name_key, stream


def test_a_name_has_one_stream_and_another_name_another() -> None:
    assert stream("7/a").random(3).tolist() == stream("7/a").random(3).tolist()
    assert stream("7/a").random() != stream("7/b").random()


def test_keys_fit_into_a_json_number_and_differ() -> None:
    keys = {name_key(f"{k}/record/0/0") for k in range(10_000)}
    assert len(keys) == 10_000
    assert all(0 <= key < 2**53 for key in keys)
    assert max(keys) > 2**52
