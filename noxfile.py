"""The only entry point of the house: ``python -m nox`` runs the tests, ``python -m nox -l`` lists the rest.

Words after ``--`` go to the tool of the session: ``python -m nox -s tests -- -k grid -x``.
"""

from __future__ import annotations

import hashlib
import tempfile
import zipfile
from pathlib import Path
from typing import Final

import nox

nox.needs_version = ">=2025.2.9"
nox.options.sessions = ["tests"]
nox.options.default_venv_backend = "virtualenv"  # nox brings it along; uv would not read pip's settings

ROOT: Final = Path(__file__).parent
PROJECT: Final = nox.project.load_toml(ROOT / "pyproject.toml")
SMOKE_TEST: Final = ROOT / "tests" / "project" / "smoke.py"

# A few workers pay: they share the compiled kernels. Every further one costs an interpreter and its imports.
# By file, so that one worker compiles what one file tests.
IN_PARALLEL: Final = ("-n", "auto", "--maxprocesses", "4", "--dist", "loadfile")


@nox.session
def tests(session: nox.Session) -> None:
    """Run all tests but the slow ones (the default)."""
    install(session, "test")
    session.run(
        "pytest",
        *IN_PARALLEL,
        "-m",
        "not slow and not torch and not ray and not browser",
        *session.posargs,
        env=kernel_cache(session),
    )


@nox.session
def slow(session: nox.Session) -> None:
    """Run the tests that take minutes."""
    install(session, "test")
    session.run("pytest", "-m", "slow", *session.posargs, env=kernel_cache(session))


@nox.session
def nojit(session: nox.Session) -> None:
    """Run the tests with the kernels as plain Python, except those that render whole pages."""
    install(session, "test")
    chosen = (*IN_PARALLEL, "-m", "not slow and not pages and not torch and not ray and not browser")
    session.run("pytest", *chosen, *session.posargs, env={"NUMBA_DISABLE_JIT": "1"})


@nox.session
def boundscheck(session: nox.Session) -> None:
    """Run the kernel tests with every array index checked."""
    install(session, "test")
    env = {"NUMBA_BOUNDSCHECK": "1", **kernel_cache(session)}
    session.run("pytest", "tests/kernels", "-m", "not slow", *session.posargs, env=env)


@nox.session
def training(session: nox.Session) -> None:
    """Run the tests of the training code, which need torch."""
    session.install("-e", ".[train]", *groups("test"))
    session.run("pytest", "onnx_models/training", *session.posargs)


@nox.session
def torch(session: nox.Session) -> None:
    """Run the tests and the examples of the datasets for PyTorch."""
    session.install("-e", ".[torch]", *groups("test"))
    env = kernel_cache(session)
    session.run("pytest", "tests/torch", *session.posargs, env=env)
    session.run("pytest", "--doctest-modules", "--pyargs", "fastecg.torch", env=env)


@nox.session
def ray(session: nox.Session) -> None:
    """Run the tests of the Ray engine, each with a cluster that it starts."""
    session.install("-e", ".[ray]", *groups("test"))
    session.run("pytest", "tests/ray", *session.posargs, env=kernel_cache(session))


@nox.session
def browser(session: nox.Session) -> None:
    """Run the tests of the viewer in headless Chromium; they are skipped where there is none."""
    install(session, "browser")
    session.run("pytest", "-m", "browser", "tests/viewer", *session.posargs, env=kernel_cache(session))


@nox.session
def cuda(session: nox.Session) -> None:
    """Test the CUDA kernels without a GPU: on the CPU, with sanitizers too, and compiled for four GPUs."""
    install(session, "test")
    session.install("cupy-cuda12x>=14", "nvidia-cuda-nvrtc-cu12>=12.8")  # NVRTC compiles without a driver
    env = kernel_cache(session)
    session.run("pytest", "tests/cuda", "tests/test_darkroom.py", "-m", "not gpu", *session.posargs, env=env)
    session.run("pytest", "tests/kernels", "-k", "cuda-host or cuda-reversed", *session.posargs, env=env)


@nox.session
def gpu(session: nox.Session) -> None:
    """Test and time what needs a CUDA device; CuPy for CUDA 12 runs on drivers of CUDA 13 as well."""
    install(session, "test", "bench")
    session.install("cupy-cuda12x>=14", "nvidia-cuda-nvrtc-cu12>=12.8", "nvidia-cuda-runtime-cu12>=12.8")
    session.run("pytest", "-m", "gpu", *session.posargs, env=kernel_cache(session))
    session.run("pytest", "bench/bench_gpu.py", "-m", "gpu", *session.posargs, env=kernel_cache(session))


@nox.session
def lint(session: nox.Session) -> None:
    """Check style and formatting with ruff."""
    session.install(*groups("lint"))
    session.run("ruff", "check", *session.posargs)
    session.run("ruff", "format", "--check", "--diff")


@nox.session
def types(session: nox.Session) -> None:
    """Check all types with mypy, strictly."""
    install(session, "types")
    session.run("mypy", *session.posargs)


@nox.session
def bench(session: nox.Session) -> None:
    """Time the kernels and the stages on one thread."""
    install(session, "bench")
    session.run("pytest", "bench", *session.posargs, env=kernel_cache(session))


@nox.session
def fuzz(session: nox.Session) -> None:
    """Feed damaged files to every reader, and draw any page, for many times as long as the tests do."""
    install(session, "test")
    long = ("--hypothesis-profile", "slow", "tests/fuzz", "tests/test_any_page.py")
    session.run("pytest", *IN_PARALLEL, *long, *session.posargs, env=kernel_cache(session))


@nox.session
def soak(session: nox.Session) -> None:
    """Make pages for half an hour and see that neither memory nor open files grow."""
    install(session)
    session.run("python", "-m", "bench.soak", *session.posargs, env=kernel_cache(session))


@nox.session
def audit(session: nox.Session) -> None:
    """Look the packages that fastecg needs up in the list of known weaknesses; needs the network."""
    session.install("-e", ".[fonts,shards,onnx,nlp,cloud]", *groups("audit"))
    session.run("pip-audit", "--skip-editable", *session.posargs)


@nox.session
def sbom(session: nox.Session) -> None:
    """Write down what the wheel brings along, as CycloneDX JSON: dist/fastecg.cdx.json."""
    session.install(*groups("build", "sbom"))
    target = ROOT / "dist" / "fastecg.cdx.json"
    target.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        session.run("python", "-m", "build", "--wheel", "--outdir", folder)
        (wheel,) = Path(folder).glob("*.whl")
        alone = Path(folder) / "alone"  # an environment with nothing but the wheel and what it needs
        session.run("python", "-m", "venv", "--without-pip", str(alone))
        python = next(
            path for path in (alone / "bin" / "python", alone / "Scripts" / "python.exe") if path.exists()
        )
        session.run("python", "-m", "pip", "--python", str(python), "install", str(wheel))
        facts = (
            "--pyproject",
            str(ROOT / "pyproject.toml"),
            "--mc-type",
            "library",
            "--output-reproducible",
            "--of",
            "JSON",
        )
        session.run("cyclonedx-py", "environment", *facts, "-o", str(target), str(python), *session.posargs)


@nox.session
def docs(session: nox.Session) -> None:
    """Run the examples in the docstrings, then build the pages; any warning is an error."""
    install(session, "docs", "test")
    packages = ("fastecg", "fastecg_kernels", "fastecg_models")
    without_extras = "--doctest-ignore-import-errors"  # fastecg.torch has a session with torch
    session.run(
        "pytest", "--doctest-modules", without_extras, "--pyargs", *packages, env=kernel_cache(session)
    )
    pages = ROOT / "docs" / "_build"
    session.run("sphinx-build", "-W", "--keep-going", "-b", "html", "docs", str(pages), *session.posargs)


@nox.session
def build(session: nox.Session) -> None:
    """Build sdist and wheel, then install each and run the main job outside the checkout."""
    session.install(*groups("build"))
    with tempfile.TemporaryDirectory() as folder:
        session.run("python", "-m", "build", "--outdir", folder)
        (wheel,) = Path(folder).glob("*.whl")
        (sdist,) = Path(folder).glob("*.tar.gz")
        missing = data_files() - set(zipfile.ZipFile(wheel).namelist())
        if missing:
            session.error(f"the wheel lacks {', '.join(sorted(missing))}")
        for archive, options in ((wheel, ()), (sdist, ("--force-reinstall", "--no-deps"))):
            session.install(*options, str(archive))
            with tempfile.TemporaryDirectory() as outside, session.chdir(outside):
                session.run("python", "-m", "fastecg", "generate", "pages", "--limit", "2", *session.posargs)
                session.run("python", "-P", str(SMOKE_TEST), "pages", "2")


def groups(*names: str) -> tuple[str, ...]:
    """Return what the dependency groups of pyproject.toml require."""
    return nox.project.dependency_groups(PROJECT, *names)


def install(session: nox.Session, *names: str) -> None:
    """Install the checkout, editable, and some dependency groups."""
    session.install("-e", ".", *groups(*names))


def kernel_cache(session: nox.Session) -> dict[str, str]:
    """Return the variable that gives each session and state of the kernels a compile cache of its own.

    Numba looks at the file of a kernel only: it would keep a kernel compiled with bounds checks,
    and one that calls a function of another file which has changed since.
    """
    state = hashlib.sha256()
    for path in sorted((ROOT / "kernels").rglob("*.py")):
        state.update(path.read_bytes())
    folder = session.cache_dir.absolute() / f"kernels-{session.name}-{state.hexdigest()[:12]}"
    return {"NUMBA_CACHE_DIR": str(folder)}


def data_files() -> set[str]:
    """Return the files that are no modules (markers, presets, models), as the wheel has to name them."""
    roots = (ROOT, ROOT / "kernels", ROOT / "onnx_models")
    packages = ("fastecg", "fastecg_kernels", "fastecg_models")
    return {
        path.relative_to(root).as_posix()
        for root, package in zip(roots, packages, strict=True)
        for path in (root / package).rglob("*")
        if path.is_file() and path.suffix != ".py" and "__pycache__" not in path.parts
    }
