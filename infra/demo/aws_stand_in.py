"""Starts the AWS stand-in and deploys template.yaml to it, unchanged, for `make demo` and the tests of the deployed template.

Whoever needs it (crates/local/src/aws_stand_in) starts this program in a process group of its own and talks to it over two pipes:
orders come in, a JSON object a line, and an event goes out for each. The first order says where to start, each further one what
to deploy as a stack of its own. When the incoming pipe closes, for whatever reason, this program ends the whole group, so that
nothing is left running even when its starter is killed.
"""

import io
import json
import os
import pathlib
import queue
import signal
import subprocess
import sys
import threading
import time
import urllib.request
import zipfile

REGION = "us-east-1"
BUCKET = "packages"
START_SECONDS = 60
END_SECONDS = 3

children = []


def say(event, **details):
    print(json.dumps({"event": event, **details}), flush=True)


def take_orders(orders):
    """Passes orders on; at the end of the incoming pipe tells the main thread, which alone may handle signals, to end."""
    for line in sys.stdin:
        orders.put(line)
    os.kill(os.getpid(), signal.SIGTERM)


def end(*_):
    """Ends this process group, the stand-in and its functions, and collects what ended, so that no zombie is left."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    os.killpg(0, signal.SIGTERM)
    deadline = time.monotonic() + END_SECONDS
    while children and time.monotonic() < deadline:
        children[:] = [child for child in children if child.poll() is None]
        time.sleep(0.02)
    os.killpg(0, signal.SIGKILL)


def start(port, folder):
    """Starts ministack. Its functions inherit its environment, so it gets a clean one."""
    address = f"http://127.0.0.1:{port}"
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": folder,
        "TMPDIR": folder,
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "AWS_ENDPOINT_URL": address,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": REGION,
        "MINISTACK_REGION": REGION,
        "PYTHONUNBUFFERED": "1",
        # It would open a port of its own as soon as the cryptography package is there.
        "IOT_MTLS_ENABLED": "0",
    }
    log = open(pathlib.Path(folder, "ministack.log"), "wb")
    program = pathlib.Path(sys.executable).with_name("ministack")
    process = subprocess.Popen(
        [program], cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
    )
    children.append(process)
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            with urllib.request.urlopen(f"{address}/health", timeout=2):
                return address
        except OSError:
            pass
        if process.poll() is not None:
            raise RuntimeError(f"ministack ended at once with code {process.returncode}")
        if time.monotonic() > deadline:
            raise RuntimeError(f"ministack did not answer within {START_SECONDS} s")
        time.sleep(0.1)


def client(service, address):
    import boto3

    return boto3.client(
        service, endpoint_url=address, region_name=REGION,
        aws_access_key_id="test", aws_secret_access_key="test",
    )


def archive(path):
    """A function's zip: the file itself when it is one; else the binary, named bootstrap, stored, because nobody downloads it."""
    if path.endswith(".zip"):
        return pathlib.Path(path).read_bytes()
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as bundle:
        entry = zipfile.ZipInfo("bootstrap")
        entry.external_attr = 0o755 << 16
        bundle.writestr(entry, pathlib.Path(path).read_bytes())
    return content.getvalue()


def packaged(stack, template, functions, address):
    """The template with each function's folder replaced by its uploaded archive, as `sam package` does."""
    from samtranslator.yaml_helper import yaml_parse

    parsed = yaml_parse(pathlib.Path(template).read_text())
    store = client("s3", address)
    store.create_bucket(Bucket=BUCKET)
    for name, path in functions.items():
        key = f"{stack}/{name}.zip"
        store.put_object(Bucket=BUCKET, Key=key, Body=archive(path))
        parsed["Resources"][name]["Properties"]["CodeUri"] = {"Bucket": BUCKET, "Key": key}
    return json.dumps(parsed)


def kept_secrets(stack, texts, address):
    """Keeps each text as a secret of the stack; the parameters that are their ARNs."""
    manager = client("secretsmanager", address)
    return {
        parameter: manager.create_secret(Name=f"{stack}/{parameter}", SecretString=text)["ARN"]
        for parameter, text in texts.items()
    }


def create(stack, body, parameters, address):
    """Creates the stack, from a template that lies beside the packages as `sam deploy` does it, and returns its outputs."""
    cloudformation = client("cloudformation", address)
    client("s3", address).put_object(Bucket=BUCKET, Key=f"{stack}.template", Body=body.encode())
    cloudformation.create_stack(
        StackName=stack, TemplateURL=f"{address}/{BUCKET}/{stack}.template", Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
    )
    while True:
        state = cloudformation.describe_stacks(StackName=stack)["Stacks"][0]
        status = state["StackStatus"]
        if status == "CREATE_COMPLETE":
            return {output["OutputKey"]: output["OutputValue"] for output in state.get("Outputs", [])}
        if status != "CREATE_IN_PROGRESS":
            events = cloudformation.describe_stack_events(StackName=stack)["StackEvents"]
            failed = [
                f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', 'no reason given')}"
                for event in events if event["ResourceStatus"].endswith("FAILED")
            ]
            raise RuntimeError(f"template.yaml was not deployed ({status}): {'; '.join(reversed(failed))}")
        time.sleep(0.1)


def deploy(order, address):
    body = packaged(order["stack"], order["template"], order["functions"], address)
    parameters = {**order["parameters"], **kept_secrets(order["stack"], order["secrets"], address)}
    return create(order["stack"], body, parameters, address)


def main():
    signal.signal(signal.SIGTERM, end)
    orders = queue.SimpleQueue()
    threading.Thread(target=take_orders, args=[orders], daemon=True).start()
    try:
        place = json.loads(orders.get())
        address = start(place["port"], place["folder"])
        say("started", address=address)
        while True:
            say("deployed", outputs=deploy(json.loads(orders.get()), address))
    except Exception as error:  # every failure goes to the starter, which shows it and stops
        say("failed", reason=f"{type(error).__name__}: {error}")
    signal.pause()


if __name__ == "__main__":
    main()
