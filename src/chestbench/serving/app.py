"""MLflow's own server with a thin layer: bounds, one sentence for what is refused, plain pictures, and a page.

`POST /invocations` is MLflow's: JSON as its scoring protocol has it. Beside that it takes the bytes of one picture as
they are (image/png, image/jpeg, application/dicom). Whatever fails gives a status and one sentence: never a traceback,
a path, or what was sent.
"""

from importlib import resources
from typing import TYPE_CHECKING, Any

from chestbench.serving import described_api
from chestbench.serving.bounds import Bounds
from chestbench.serving.detection import described_api as detector_api
from chestbench.serving.detection.model import GreyImageDetector
from chestbench.serving.model import GreyImageClassifier

if TYPE_CHECKING:
    from fastapi import FastAPI
    from mlflow.pyfunc import PyFuncModel

# Base64 makes a file a third larger: a picture of 40 MB and some.
MOST_MB = 64
_PAGE_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data: blob:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def build_app(model: "PyFuncModel", hosts: list[str] | None = None, most_mb: int = MOST_MB) -> "FastAPI":
    """Return the application.

    Args:
        model: from `mlflow.pyfunc.load_model`, a model of this project.
        hosts: names by which it may be called, so that no page from elsewhere reaches it by another; None: any.
        most_mb: the largest request, in MiB.
    """
    import mlflow.pyfunc.scoring_server as scoring_server
    from fastapi import Response
    from starlette.middleware.trustedhost import TrustedHostMiddleware

    app = scoring_server.init(model)
    served = model.get_raw_model()
    if isinstance(served, GreyImageDetector):
        api = detector_api.api_of(served)
    else:
        assert isinstance(served, GreyImageClassifier)
        api = described_api.api_of(served)
    page = resources.files("chestbench.serving").joinpath("page.html").read_bytes()
    # FastAPI's own pages fetch their code from another server.
    app.router.routes[:] = [
        route for route in app.router.routes if getattr(route, "path", "") not in ("/docs", "/redoc", "/openapi.json")
    ]

    async def show_page() -> Response:
        headers = {"Content-Security-Policy": _PAGE_POLICY, "X-Content-Type-Options": "nosniff"}
        return Response(page, media_type="text/html; charset=utf-8", headers=headers)

    async def show_about() -> dict[str, Any]:
        return api.about

    async def show_openapi() -> dict[str, Any]:
        return api.openapi

    app.get("/")(show_page)
    app.get("/about")(show_about)
    app.get("/openapi.json")(show_openapi)
    app.add_middleware(Bounds, most_bytes=most_mb << 20, switches=api.switches)
    if hosts is not None:
        app.add_middleware(TrustedHostMiddleware, allowed_hosts=hosts)
    return app
