"""Starts the AWS stand-in and deploys template.yaml to it, unchanged, for `make demo`.

The demo starts this program in a process group of its own and talks to it over two pipes:
one JSON line comes in and says what to do, JSON lines go out and say how far it is. When the incoming
pipe closes, for whatever reason, this program ends the whole group, so that nothing is left running
even when the demo is killed.
"""

import io
import json
import os
import pathlib
import signal
import subprocess
import sys
import threading
import time
import urllib.request
import zipfile

REGION = "us-east-1"
BUCKET = "demo-packages"
START_SECONDS = 60
END_SECONDS = 3

children = []


def say(event, **details):
    print(json.dumps({"event": event, **details}), flush=True)


def end_with_the_demo():
    """Waits for the end of the incoming pipe, then tells the main thread, which alone may handle signals, to end."""
    sys.stdin.read()
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


def archive(binary):
    """A function's zip: the binary, named bootstrap, executable. Stored, because nobody downloads it."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as bundle:
        entry = zipfile.ZipInfo("bootstrap")
        entry.external_attr = 0o755 << 16
        bundle.writestr(entry, pathlib.Path(binary).read_bytes())
    return content.getvalue()


def packaged(template, functions, address):
    """The template with each function's folder replaced by its uploaded archive, as `sam package` does."""
    from samtranslator.yaml_helper import yaml_parse

    parsed = yaml_parse(pathlib.Path(template).read_text())
    store = client("s3", address)
    store.create_bucket(Bucket=BUCKET)
    for name, binary in functions.items():
        store.put_object(Bucket=BUCKET, Key=f"{name}.zip", Body=archive(binary))
        parsed["Resources"][name]["Properties"]["CodeUri"] = {"Bucket": BUCKET, "Key": f"{name}.zip"}
    return json.dumps(parsed)


def kept_secrets(texts, address):
    """Keeps each text as a secret; the parameters that are their ARNs."""
    manager = client("secretsmanager", address)
    return {
        parameter: manager.create_secret(Name=parameter, SecretString=text)["ARN"] for parameter, text in texts.items()
    }


def deploy(stack, body, parameters, address):
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


def main():
    order = json.loads(sys.stdin.readline())
    signal.signal(signal.SIGTERM, end)
    threading.Thread(target=end_with_the_demo, daemon=True).start()
    try:
        address = start(order["port"], order["folder"])
        say("started", address=address)
        body = packaged(order["template"], order["functions"], address)
        parameters = {**order["parameters"], **kept_secrets(order["secrets"], address)}
        say("deployed", outputs=deploy(order["stack"], body, parameters, address))
    except Exception as error:  # every failure goes to the demo, which shows it and stops
        say("failed", reason=f"{type(error).__name__}: {error}")
    signal.pause()


if __name__ == "__main__":
    main()
