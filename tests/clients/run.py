"""Generates clients from the API document with the generators that people use, and runs them against the demo.

`JET_ADMIN_BIN` is the server. Everything that is generated goes to a temporary folder. The first failure ends it with 1.
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
SERVER = os.environ["JET_ADMIN_BIN"]
NODE = HERE / "node_modules" / ".bin"
PYTHON = Path(sys.executable)
PATIENCE = 300

passed = []


def run(what, command, cwd, quiet=True, **environment):
    """Runs a command to its good end. Generators end well where they left something out: `quiet` ones must not say so."""
    started = time.monotonic()
    done = subprocess.run(
        [str(word) for word in command], cwd=cwd, env={**os.environ, **environment}, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=PATIENCE,
    )
    omitted = re.search(r"(?i)will not be generated|unable to (parse|process)|\bERROR\b", done.stdout) if quiet else None
    if done.returncode or omitted:
        sys.exit(f"{done.stdout}\nFAILED: {what}")
    print(f"ok {what} ({time.monotonic() - started:.1f} s)", flush=True)
    passed.append(what)


def generate(work, document):
    generated = work / "generated"
    generated.mkdir()
    run("redocly finds nothing", [NODE / "redocly", "lint", document, "--config", "redocly.yaml", "--max-problems", "20"], HERE, quiet=False)
    run("spectral finds nothing", [NODE / "spectral", "lint", "--fail-severity", "warn", "-r", "spectral.yaml", document], HERE, quiet=False)
    run("openapi-typescript", [NODE / "openapi-typescript", document, "-o", generated / "openapi-typescript.ts"], HERE)
    run("hey-api", [NODE / "openapi-ts", "-i", document, "-o", generated / "hey-api", "-p", "@hey-api/client-fetch", "--no-log-file"], work)
    run("orval", [NODE / "orval", "--config", HERE / "orval.config.mjs"], HERE, DOCUMENT=str(document), OUTPUT=str(generated / "orval" / "api.ts"))
    run("openapi-python-client", [PYTHON.parent / "openapi-python-client", "generate", "--meta", "none", "--path", document, "--output-path", work / "attrs_api"], work)
    generator = PYTHON.parent / "openapi-generator-cli"
    run("openapi-generator accepts the document", [generator, "validate", "-i", document], work)
    run("openapi-generator for Python", [generator, "generate", "-i", document, "-g", "python", "-o", work / "python", "--additional-properties=packageName=pydantic_api"], work, quiet=False)
    shutil.move(work / "python" / "pydantic_api", work / "pydantic_api")
    for language in ["java", "go", "rust"]:
        run(f"openapi-generator for {language}", [generator, "generate", "-i", document, "-g", language, "-o", work / language], work, quiet=False)
    check_sources(work)


def check_sources(work):
    """What compilers and users would find, where no compiler is at hand: defaults in patches, variants of one name."""
    patch = (work / "java" / "src/main/java/org/openapitools/client/model/WorkflowPatch.java").read_text()
    assert "new ArrayList<>()" not in patch.split("public WorkflowPatch()")[0], "a Java patch would empty the graph"
    for model in (work / "go").glob("model_*_patch.go"):
        assert not re.search(r"NewWith|this\.\w+ = &", model.read_text()), f"{model.name} has defaults"
    for model in (work / "rust" / "src" / "models").glob("*.rs"):
        variants = re.findall(r"^    String\(", model.read_text(), re.MULTILINE)
        assert len(variants) < 2, f"{model.name} has one variant twice"
    print("ok no generated patch has a default", flush=True)
    passed.append("sources")


class Demo:
    """The demo on a free port."""

    def __enter__(self):
        self.process = subprocess.Popen(
            [SERVER, "serve", "--demo", "--listen", "127.0.0.1:0"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True,
        )
        said = ""
        for line in self.process.stdout:
            said += line
            if line.startswith("listening on "):
                account = re.search(r"sign in as (\S+) with the password (\S+)", said)
                return [line.split()[2], *account.groups()]
        sys.exit(f"the server did not start: {said}")

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


def main():
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        document = work / "openapi.json"
        document.write_text(subprocess.run([SERVER, "openapi"], check=True, capture_output=True, text=True).stdout)
        json.loads(document.read_text())
        generate(work, document)
        for name in ["fetch-client.ts", "hey-client.ts", "tsconfig.json"]:
            shutil.copy(HERE / name, work)
        (work / "package.json").write_text('{"type": "module"}')
        (work / "node_modules").symlink_to(HERE / "node_modules")
        run("what is generated for TypeScript compiles strictly", [NODE / "tsc", "-p", work], work)
        with Demo() as arguments:
            for client in ["fetch-client.ts", "hey-client.ts"]:
                run(client, [NODE / "tsx", client, *arguments], work)
            for client in ["attrs_client.py", "pydantic_client.py"]:
                run(client, [PYTHON, HERE / client, *arguments], work, PYTHONPATH=str(work))
    print(f"{len(passed)} passed, 0 failed")


main()
