"""Run the page's own modules from a test: import one by its path, call it, take the answer as JSON."""

from typing import Any

from playwright.sync_api import Page


def call(page: Page, module: str, body: str, argument: Any) -> Any:
    """Runs `body` (an async function's body over `m`, the module, and `a`, the argument) in the page."""
    script = """async ([module, argument]) => {
      const of = (path) => document.querySelector(`link[href$="/${path}"]`).href;
      const m = await import(of(module));
      const a = argument;
      const load = (path) => import(of(path));
      %s
    }"""
    return page.evaluate(script % body, [module, argument])
