"""Starts what `make dev` needs of other people's programs: the AWS stand-in with queues and secrets, and cargo lambda watch.

The program `dev` starts this one in a process group of its own and talks to it over two pipes: one JSON line comes in and says
what to start, JSON lines go out and say how far it is. When the incoming pipe closes, for whatever reason, everything ends,
so that nothing is left running even when `dev` is killed.
"""

import json
import os
import pathlib
import signal
import subprocess
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "demo"))
import aws_stand_in as aws  # noqa: E402

# cargo lambda waits this long for its functions, and then ends them itself.
END_SECONDS = 10

watch = None


def end(*_):
    """Ends the functions first: cargo lambda keeps each in a process group of its own and is the only one that knows them."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if watch is not None and watch.poll() is None:
        watch.terminate()
        try:
            watch.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            pass
    aws.end()


def end_with_dev():
    """Waits for the end of the incoming pipe, then tells the main thread, which alone may handle signals, to end."""
    sys.stdin.read()
    os.kill(os.getpid(), signal.SIGTERM)


def tell_of_the_end(process):
    """Without cargo lambda nothing is left to do; `dev` says so."""
    aws.say("ended", code=process.wait())


def queue(client, name, attributes):
    url = client.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    arn = client.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    return url, arn


def main():
    global watch
    order = json.loads(sys.stdin.readline())
    signal.signal(signal.SIGTERM, end)
    # Ctrl-C is the affair of `dev`, which closes the pipe.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=end_with_dev, daemon=True).start()
    try:
        address = aws.start(order["port"], order["folder"])
        sqs = aws.client("sqs", address)
        _, dead_letters = queue(sqs, "device-bulk-change-dead-letters", {})
        redrive = json.dumps({"deadLetterTargetArn": dead_letters, "maxReceiveCount": 20})
        main_queue, _ = queue(
            sqs, "device-bulk-change-queue", {"VisibilityTimeout": str(order["visibility"]), "RedrivePolicy": redrive}
        )
        other, _ = queue(sqs, "other-changes-queue", {})
        carrier, _ = queue(sqs, "carrier-changes-queue", {})
        secrets = aws.client("secretsmanager", address)
        for name, text in order["secrets"].items():
            secrets.create_secret(Name=name, SecretString=text)
        environment = {
            **os.environ, **order["environment"],
            "QUEUE_URL": main_queue, "OTHER_CHANGES_QUEUE_URL": other, "CARRIER_CHANGES_QUEUE_URL": carrier,
            "AWS_ENDPOINT_URL": address, "AWS_REGION": aws.REGION,
            "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
        }
        # What the functions log goes where `dev` writes its errors: the events have the output for themselves.
        watch = subprocess.Popen(
            order["watch"], cwd=order["checkout"], env=environment, stdin=subprocess.DEVNULL, stdout=sys.stderr
        )
        threading.Thread(target=tell_of_the_end, args=(watch,), daemon=True).start()
        aws.say("started", aws=address, queue=main_queue, other=other)
    except Exception as error:  # every failure goes to `dev`, which shows it and stops
        aws.say("failed", reason=f"{type(error).__name__}: {error}")
    while True:
        signal.pause()


if __name__ == "__main__":
    main()
