"""The package as it is installed: what it brings, and what help() says."""

from __future__ import annotations

import importlib.metadata
import inspect
import pydoc
import types
from collections.abc import Iterator

import pytest

import nlftp
import nlftp.aio
import nlftp.pytest_plugin
import nlftp.sim


def public() -> Iterator[tuple[str, object]]:
    """Everything that users may use, with its name."""
    for module in (nlftp, nlftp.aio, nlftp.sim):
        for name in module.__all__:
            item = getattr(module, name)
            yield f"{module.__name__}.{name}", item
            if inspect.isclass(item):
                for part, value in vars(item).items():
                    is_public = not part.startswith("_")
                    if is_public and isinstance(value, types.FunctionType | property):
                        yield f"{module.__name__}.{name}.{part}", value


PUBLIC = dict(public())


@pytest.mark.parametrize("name", PUBLIC)
def test_everything_public_is_documented(name: str) -> None:
    item = PUBLIC[name]
    if isinstance(item, str):
        return
    documentation = inspect.getdoc(item)
    assert documentation, name
    assert documentation[0].isupper() or documentation[0] in "`:\"'*0", name


def test_help_shows_names_and_types() -> None:
    page = pydoc.plain(pydoc.render_doc(nlftp.Ftp))
    assert "source: 'Source'" in page or "source: Source" in page
    assert "Uploads ``source`` as ``name``" in page
    page = pydoc.plain(pydoc.render_doc(nlftp))
    assert "modem.attach" in page


def test_the_metadata() -> None:
    metadata = importlib.metadata.metadata("nlftp")
    assert metadata["Version"] == nlftp.__version__
    assert metadata["License-Expression"] == "MIT OR Apache-2.0"
    assert metadata["Requires-Python"] == ">=3.11"
    files = [str(file) for file in importlib.metadata.files("nlftp") or []]
    for end in ("nlftp/py.typed", "nlftp/_nlftp.pyi", "LICENSE-MIT", "LICENSES-THIRD-PARTY.md"):
        assert any(file.endswith(end) for file in files), end
    (plugin,) = importlib.metadata.entry_points(group="pytest11", name="nlftp")
    assert plugin.load() is nlftp.pytest_plugin
    # Nothing else is needed at run time.
    required = metadata.get_all("Requires-Dist") or []
    assert [one for one in required if "extra ==" not in one] == []
