"""`check` names the faster backend where it could be used, and only there."""

import sys

import pytest

from chestbench.training.faster import JAX_CUDA, faster_backend


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """Makes a machine: a driver's file, and packages that can be found."""

    def make(gpu, *packages):
        driver, site = tmp_path / "version", tmp_path / "site"
        driver.unlink(missing_ok=True)
        if gpu:
            driver.write_text("NVRM version")
        for name in packages:
            (site / name).mkdir(parents=True, exist_ok=True)
            (site / name / "__init__.py").write_text("")
        monkeypatch.setattr(sys, "path", [str(site)])
        for name in ("jax", *JAX_CUDA):
            monkeypatch.delitem(sys.modules, name, raising=False)
        return driver

    return make


def test_said_where_it_would_compute(machine):
    driver = machine(True, "jax", "jax_cuda12_plugin")
    assert faster_backend("tensorflow", driver).endswith("(tensorflow: not measured); -S train.backend=jax chooses it")
    assert "(torch: 263)" in faster_backend("torch", driver)
    assert faster_backend("jax", driver) == ""


def test_nothing_is_said_where_it_would_not(machine):
    assert faster_backend("tensorflow", machine(True)) == ""  # not installed
    assert faster_backend("tensorflow", machine(True, "jax")) == ""  # for the processor only
    assert faster_backend("tensorflow", machine(False, "jax", "jax_cuda13_plugin")) == ""  # no GPU
