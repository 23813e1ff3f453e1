"""What a deployment does with a night's files: a command of its own, told where the manifest is.

The files are handed over whatever the command does: a hook that fails is told and tried again by
the next run of that night, and changes neither lists nor exit code.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
from contextlib import suppress
from pathlib import Path

from churn.language import Text
from churn.store.atomic import write_bytes, write_json
from churn.store.hashing import sha256_file
from pipelines.export import MANIFEST, Export
from pipelines.run import Run

LOG = "hook.log"
_DONE = "hook.json"


def told(run: Run, handed_over: Export) -> str | None:
    """Call the hook for what was handed over; return what there is to say of it, if anything.

    Its last word, and ``CHURN_MANIFEST``, is the manifest's path; it starts in the settings file's
    folder, without a shell, with nothing on its standard input. What it prints goes to the personal
    folder: it may name customers. A manifest that it took (exit code 0) is not told again.
    """
    settings = run.settings.hook
    if settings is None:
        return None
    manifest = (handed_over.folder / MANIFEST).resolve()
    night = manifest.relative_to(run.workspace.exports.resolve()).parts[0]
    with run.stages.noted("hook", night) as note:
        taken, digest = _taken(run), sha256_file(manifest)
        if taken.get(night) == digest:
            note.skip("this manifest was taken already")
            return None
        ended = _called(run, [*settings.command, str(manifest)], manifest, settings.timeout)
        if ended is None:
            write_json(run.workspace.logs / _DONE, {**taken, night: digest})
            note.text = "exit code 0"
            return None
        note.state, note.text = "failed", ended.en
    words = Text(
        f"The lists are handed over, but the hook did not take them: {ended.en}. What it printed "
        f"is in {run.workspace.personal.name}/{LOG}; the next run of this night tries again.",
        f"名单已交付，但后续命令未成功：{ended.zh}。其输出见 {run.workspace.personal.name}/{LOG}，"
        "再次运行当晚任务时将重试。",
    )
    return words.of(run.settings.language)


def _taken(run: Run) -> dict[str, str]:
    """Return the manifest that the hook took last of each night, by its hash."""
    path = run.workspace.logs / _DONE
    try:
        nights: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}  # damaged since: it is told again, which a hook must bear
    return nights


def _called(run: Run, words: list[str], manifest: Path, timeout: int) -> Text | None:
    """Run the command; return how it failed, or None."""
    environment = {**os.environ, "CHURN_MANIFEST": str(manifest)}
    try:
        process = subprocess.Popen(  # noqa: S603 - the operator's own settings name it; no shell
            words,
            cwd=run.base.resolve(),
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    except OSError as error:
        kind = type(error).__name__
        return Text(f"it cannot be started ({kind})", f"无法启动（{kind}）")
    try:
        output, _ = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        _stop(process)
        output, _ = process.communicate()
        ended = Text(f"no end within {timeout:,} seconds", f"{timeout:,} 秒内未结束")
    except BaseException:  # the night is stopped: so is what it started
        _stop(process)
        raise
    else:
        code = process.returncode
        ended = Text(f"exit code {code}", f"退出码 {code}")
    write_bytes(run.workspace.personal / LOG, output, mode=0o600)
    return None if process.returncode == 0 else ended


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End the command and all that it started."""
    with suppress(ProcessLookupError):  # ended by itself
        os.killpg(process.pid, signal.SIGKILL)
