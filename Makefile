# The two main commands are `make run` and `make test`. Both set up .venv on first use.
#
#   make run                          the nightly job on a sample log
#   make run LOGS="/var/log/nginx/access.log*" DB=traffic.duckdb OPTIONS="--site www.example.org"
#   make test                         all tests
#   make test-flink                   the tests on a Flink cluster that they start (SHORT=1: those of .ci/run; QUICK=1: Flink in one process)
#   make check                        lint, format and types
#   make fuzz                         ten million damaged lines against the reference (FUZZ=100000: quicker)
#   make trials                       60 nights in simulation, 200 kills, 20 full disks
#   make attacks                      what a solver learns from the request times of thirty days, and from 160 small logs (SEEDS=0-9: 20)
#   make image                        the container image's steps in a clean Debian root (root, debootstrap; some minutes)
#   make bench                        compare Footfall with GoAccess and hand-written SQL on 10 million lines (LINES=2000000: quicker)

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PACKAGES := $(VENV)/packages
READY := $(VENV)/ready

DB ?= traffic.duckdb
REPORT ?= report.html
SAMPLE := sample.log
OPTIONS ?=
LINES ?= 10000000
FUZZ ?= 10000000
SEED ?= $(shell date +%F)
SEEDS ?= 0-79

.PHONY: run test test-flink check fuzz trials attacks image bench docs wheel clean

run: $(READY)
ifdef LOGS
	$(BIN)/footfall nightly $(LOGS) --db $(DB) $(OPTIONS)
	@$(BIN)/python -m footfall.pipelines.display.overview $(DB)
	@$(BIN)/footfall report --db $(DB) -o $(REPORT)
else
	@test -f $(SAMPLE) || $(BIN)/footfall sample -o $(SAMPLE) --lines 200000
	$(BIN)/footfall nightly $(SAMPLE) --db $(DB) --log-format footfall --site www.example.org
	@$(BIN)/python -m footfall.pipelines.display.overview $(DB)
	@$(BIN)/footfall report --db $(DB) -o $(REPORT)
endif

# Files of tests side by side: most of a test's time is spent in one thread.
test: $(READY)
	$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

# The cluster of two TaskManagers, its workers and the logs take 4 GB; Java 17 and Maven must be there.
test-flink: $(READY)
	tests/flink/install
	$(if $(QUICK)$(SHORT),,tests/stores/install)
	FOOTFALL_FLINK=$(if $(QUICK),quick,$(if $(SHORT),short,cluster)) $(BIN)/python -m pytest tests/flink

check: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# Damaged lines of all formats are compared with the reference. A new seed each day; failures print theirs.
fuzz: $(READY)
	FOOTFALL_FUZZ=$$(($(FUZZ) / 41)) FOOTFALL_FUZZ_SEED=$(SEED) $(BIN)/python -m pytest --numprocesses auto tests/test_fuzz.py

# Two months of nights with a stop in a run and an upgrade, 200 kills, 20 full disks.
trials: $(READY)
	FOOTFALL_NIGHTS=60 $(BIN)/python -m pytest -n 0 tests/pipelines/test_soak.py
	$(BIN)/python -m tests.kills

# All request times of a month in one linear program, and on a weakened build; `make test` has those of a week.
# Then small logs, each published at once, and each as a week in two nights: lines of what is found.
attacks: $(READY)
	FOOTFALL_TIMED_DAYS=30 $(BIN)/python -m pytest -n 0 tests/attacks/test_attacks.py -k times_of_generated_days
	$(BIN)/python -m tests.attacks.search --seeds $(SEEDS)
	$(BIN)/python -m tests.attacks.search --seeds $(SEEDS) --nights

image: wheel
	$(BIN)/python -m tests.image_steps

bench: $(READY)
	$(BIN)/python benchmarks/nightly.py --folder $(VENV)/bench --lines $(LINES)

docs: $(READY)
	$(BIN)/python -m footfall.transforms.tables.list_tables >docs/tables.md
	$(BIN)/python -m footfall.transforms.tables.list_protection docs/privacy.md
	$(BIN)/python -m footfall.pipelines.commands.write_man_pages docs/man
	$(BIN)/python -m tests.transforms.describing.measure_texts >docs/texts.md
	$(BIN)/python -m tests.cookbook.pages docs/cookbook.md
	test ! -e $(VENV)/clients || $(BIN)/python -m tests.clients.try_clients

wheel: $(READY)
	$(BIN)/python -m build --wheel --outdir dist .

$(PACKAGES): requirements.txt setup.py
	@$(PYTHON) -c 'import sys; sys.exit("Footfall needs Python 3.11 or newer; choose one with PYTHON=…" if sys.version_info < (3, 11) else 0)'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	$(BIN)/python -m compileall -q pipelines transforms geo_data
	mkdir -p $(VENV)/source && ln -sfn ../.. $(VENV)/source/footfall
	@touch $(PACKAGES)

$(READY): requirements.txt setup.py | $(PACKAGES)
	@echo "compiling the kernels (only once): one or two minutes"
	@$(BIN)/footfall compile
	@touch $(READY)

clean:
	rm -rf $(VENV) build dist *.egg-info $(SAMPLE) traffic.duckdb report.html
