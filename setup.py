"""How Footfall is packaged; the pins of a run stand in requirements.txt, which `make` installs."""

from pathlib import Path

from setuptools import find_packages, setup

# The prescribed folders stand at the top of the repository; installed, all of them are below one name.
PACKAGES = find_packages(include=["pipelines", "pipelines.*", "transforms", "transforms.*", "geo_data"])

setup(
    name="footfall",
    version="0.1.0",
    description="Web-log analytics that forgets: traffic, visits and searches from server logs, nothing about a person",
    long_description=Path(__file__).with_name("README.md").read_text("utf-8"),
    long_description_content_type="text/markdown",
    license="Apache-2.0",
    license_files=["LICENSE", "NOTICE"],
    python_requires=">=3.11",
    packages=[f"footfall.{name}" for name in PACKAGES],
    package_dir={"footfall": "."},
    package_data={
        "footfall.geo_data": ["*.mmdb", "NOTICE"],
        "footfall.pipelines.report": ["templates/*", "uplot/*.js", "uplot/*.css", "uplot/LICENSE"],
        "footfall.pipelines.schedule": ["units/*"],
    },
    # pipx and distributions look for them there.
    data_files=[("share/man/man1", sorted(str(page) for page in Path("docs/man").glob("*.1")))],
    install_requires=[
        "apache-beam>=2.77,<3",
        "babel>=2.17",
        "click>=8.1",
        "crawler-user-agents>=1.60",
        "cryptography>=47",
        "duckdb>=2.0,<3",
        "filelock>=3.20",
        "geoip2>=5.1",
        "isal>=1.7",
        "jinja2>=3.1.6",
        "numba>=0.62",
        "numpy>=2.0",
        "phonenumbers>=9.0",
        "protego>=0.7",
        "publicsuffixlist>=1.0.2",
        "pyarrow>=20",
        "pydantic>=2.11",
        "python-stdnum>=2.0",
        "rich>=14",
        "tzdata>=2025.2",
        "ua-parser[regex]>=1.0.1",
        "ua-parser-builtins",
        "user-agents>=2.2",
        "zstandard>=0.23",
    ],
    extras_require={
        "gcp": ["apache-beam[gcp]"],
        "azure": ["apache-beam[azure]"],
        "test": ["click-man", "highspy", "hypothesis", "mypy", "py-spy", "pytest", "pytest-xdist", "ruff"],
    },
    entry_points={
        "console_scripts": [
            "footfall = footfall.pipelines.cli:main",
            "footfall-worker = footfall.pipelines.cli:worker_main",
        ]
    },
)
