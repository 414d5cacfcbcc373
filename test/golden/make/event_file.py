"""Scalars as TensorBoard's own record writer and protobuf classes put them into an event file: test/golden/event-file.json."""

import base64
import hashlib
import io
import json
import pathlib

import tensorboard
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.record_writer import RecordWriter

WALL_TIME = 1_700_000_000.25
SCALARS = [(3, {"train/loss": 0.5, "validation/rankIc/1": -0.0625}), (4, {"train/loss": 1e-30}), (70_000, {"rate": 3e5})]


def main():
    file = io.BytesIO()
    writer = RecordWriter(file)
    writer.write(Event(wall_time=WALL_TIME, file_version="brain.Event:2").SerializeToString())
    for step, values in SCALARS:
        value = [Summary.Value(tag=tag, simple_value=number) for tag, number in values.items()]
        writer.write(Event(wall_time=WALL_TIME, step=step, summary=Summary(value=value)).SerializeToString())
    golden = {
        "versions": {"tensorboard": tensorboard.__version__},
        "call": "tensorboard.summary.writer.record_writer.RecordWriter(file).write(Event(...).SerializeToString())",
        "sha256": hashlib.sha256(pathlib.Path(__file__).read_bytes()).hexdigest(),
        "wallTime": WALL_TIME,
        "scalars": [{"step": step, "values": values} for step, values in SCALARS],
        "file": base64.b64encode(file.getvalue()).decode(),
    }
    path = pathlib.Path(__file__).parent.parent / "event-file.json"
    path.write_text(json.dumps(golden, indent=1) + "\n")


if __name__ == "__main__":
    main()
