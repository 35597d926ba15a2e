# make run     a demo site on http://127.0.0.1:8000 and the auditor's desk on http://127.0.0.1:8001
# make run DAYS=1   the same with a day of its own, which Enter moves on (docs/how-to/bury-a-report.md)
# make verify-page  the page that checks certificates from disk, as build/meyasubako-verify.html; POLICY=file builds one in
# make test    everything the tests need, set up where it is missing, then all of them
# make check   before a commit: lint, and the tests without browser and PostgreSQL (T=tests/cases for a part)
# make format  formats Python and the scripts
# make cluster three nodes of the site, PostgreSQL with two standbys under Patroni, HAProxy (docs/cluster.md)
# Also: make test-fast (the tests of check), make lint, make hooks (checks before each commit), make bench, make faults,
# make screenshots (docs/screenshots anew), make sentences (sentences into the catalogues), make translations (what languages lack), make wheel, make deb, make image, make requirements, make clean.

PORT ?= 8000
DESK_PORT ?= 8001
VAR ?= var/demo
ROUNDS ?= 3
# The Python to build .venv with; empty: requirements/find-python chooses.
PYTHON ?=

VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip --disable-pip-version-check --no-input --quiet
PO := $(wildcard portal/translations/*/LC_MESSAGES/*.po admin/desk/translations/*/LC_MESSAGES/*.po)
MO := $(PO:.po=.mo)
# The page's scripts and, before them, its style sheet and icons; the manifest is written last.
BUNDLE := portal/static/built/manifest.json
# The text of the licence, which the wheel carries.
LICENCE := LICENSES/AGPL-3.0-or-later.txt
SCRIPTS := $(wildcard portal/scripts/*/*.ts portal/scripts/*.json portal/scripts/build.* portal/scripts/verify/* portal/cleaning/*.json portal/style/* cases/data/verify_*)

.DELETE_ON_ERROR:
.PHONY: cluster deb image verify-page sentences translations screenshots run test test-fast check format hooks lint bench faults wheel desk requirements clean needs

run: $(VENV)/run.stamp $(MO) $(BUNDLE)
	@exec $(PY) -m admin.cli demo --dir "$(VAR)" --port "$(PORT)" --desk-port "$(DESK_PORT)" $(if $(DAYS),--days)

# What may be installed without asking for a password is installed for these, and for nothing else.
test faults cluster: export SET_UP := yes

test: $(VENV)/test.stamp $(MO) $(BUNDLE) needs lint
	$(PY) -m pytest -n auto --maxprocesses 4 --dist loadfile --durations 10 -p tests.support.budget

test-fast: $(VENV)/fast.stamp $(MO) $(BUNDLE)
	$(PY) -m pytest -q -n auto --maxprocesses 4 --dist loadfile -p tests.support.fast $(T)

check: lint test-fast

format: $(VENV)/test.stamp
	$(PY) -m ruff check --fix --select I .
	$(PY) -m ruff format .
	$(PY) portal/scripts/build.py --format

# What .pre-commit-config.yaml lists, for people who have no pre-commit: git runs the same commands.
hooks:
	git config core.hooksPath requirements/hooks
	git config commit.template requirements/commit-message.txt

lint: $(VENV)/test.stamp
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(PY) portal/scripts/build.py --check

needs: $(VENV)/test.stamp
	@$(PY) -m tests.support.needs --get

bench: $(VENV)/test.stamp $(MO) $(BUNDLE)
	@$(PY) -m tests.support.needs bench
	$(PY) -m tests.bench.run

# Three machines with PostgreSQL under Patroni, three nodes of the site and HAProxy, on loopback (docs/cluster.md).
cluster: $(VENV)/test.stamp $(VENV)/cluster.stamp $(MO) $(BUNDLE)
	@$(PY) -m tests.support.needs --get cluster
	@exec $(PY) -m tests.cluster

verify-page: $(VENV)/run.stamp
	$(PY) portal/scripts/build.py --verify build/meyasubako-verify.html $(POLICY)

# New and changed sentences of the sources into the catalogues (docs/how-to/add-a-sentence.md).
sentences: $(VENV)/fast.stamp
	@$(PY) -m tests.support.sentences

# What each language lacks; for one that has nothing yet: make translations L=fr (docs/how-to/add-a-language.md).
translations: $(VENV)/test.stamp
	@$(PY) -m tests.support.translations $(L)

screenshots: $(VENV)/test.stamp $(MO) $(BUNDLE)
	@$(PY) -m tests.support.needs --get
	$(PY) -m tests.browser.screenshots
	$(PY) -m tests.browser.log_screenshots
	$(PY) -m tests.browser.bury_screenshots

# Where trials are longer than in `make test` (tests/support/trials.py), and what has to hold in each of them.
LONG := tests/faults tests/leaks tests/desk/test_many_hands.py tests/desk/test_hands_machine.py \
	tests/desk/test_vault.py tests/desk/test_cache.py tests/desk/test_log_checks.py \
	tests/scripts/test_interop.py tests/portal/cleaning/test_worker.py tests/server/test_restarts.py
faults: $(VENV)/test.stamp $(VENV)/cluster.stamp $(MO) $(BUNDLE)
	@$(PY) -m tests.support.needs --get faults
	$(PY) -m tests.model
	@round=1; while [ $$round -le $(ROUNDS) ]; do \
		echo "round $$round of $(ROUNDS)"; \
		LONG_TRIALS=1 $(PY) -m pytest -q $(LONG) || exit 1; \
		$(PY) -m pytest -q -n auto -m hypothesis --hypothesis-profile search || exit 1; \
		round=$$((round + 1)); \
	done

# What servers and auditors' laptops install (docs/operations.md), in dist/.
wheel: $(VENV)/run.stamp $(BUNDLE) $(LICENCE)
	$(PIP) wheel --no-deps --no-build-isolation --wheel-dir dist .

VERSION = $$($(PY) -m admin.onefile.build --version)

# The server as a Debian package, for this machine's Debian (docs/operations.md, section 1), in dist/.
deb: wheel
	@$(PY) deploy/debian/build.py dist/meyasubako-$(VERSION)-py3-none-any.whl dist

# The server as a container image (section 15), in dist/. Needs root.
image: deb
	@sh deploy/image/build.sh dist/meyasubako_$(VERSION)_$$(dpkg --print-architecture).deb dist

# One file that Windows, macOS and Linux run, and what is clicked on to start it. The wheels of its parts come once, by
# the hashes in requirements/desk.txt, into $(VENV)/desk-wheels.
desk: wheel
	@$(PY) -m admin.onefile.build dist/meyasubako-$$($(PY) -m admin.onefile.build --version)-py3-none-any.whl dist/desk

$(VENV)/pyvenv.cfg:
	@python=$$(PYTHON="$(PYTHON)" sh requirements/find-python) || exit 1; \
	echo "Making $(VENV) with $$python"; \
	"$$python" -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

# Every requirement is pinned by its hash; nothing else is fetched, for building either.
$(VENV)/run.stamp: requirements/run.txt pyproject.toml hatch_build.py | $(VENV)/pyvenv.cfg
	@echo "Installing what the demo needs (once)"
	@$(PIP) install --require-hashes -r requirements/run.txt
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/test.stamp: requirements/test.txt pyproject.toml hatch_build.py | $(VENV)/pyvenv.cfg
	@echo "Installing what the tests need (once)"
	@$(PIP) install --require-hashes -r requirements/test.txt
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $(VENV)/run.stamp $(VENV)/fast.stamp $@

# `make run`'s set-up and what pytest needs besides, without browsers and type checkers.
$(VENV)/fast.stamp: requirements/fast.txt $(VENV)/run.stamp
	@echo "Installing what the fast tests need (once)"
	@$(PIP) install --require-hashes -r requirements/fast.txt
	@touch $@

# Patroni, apart from the project's own requirements.
$(VENV)/cluster.stamp: requirements/cluster.txt | $(VENV)/pyvenv.cfg
	@echo "Installing Patroni (once)"
	@$(PIP) install --require-hashes --upgrade --target $(VENV)/cluster -r requirements/cluster.txt
	@touch $@

# Whichever of the two is there has Babel.
%.mo: %.po
	@$(PY) hatch_build.py && touch $@

# Whichever of the two stamps is there has node, where the machine has none.
$(BUNDLE): $(SCRIPTS)
	@echo "Building the page's scripts"
	@$(PY) portal/scripts/build.py

$(LICENCE): portal/scripts/package-lock.json portal/scripts/build.py | $(BUNDLE)
	@$(PY) portal/scripts/build.py --licence

# After a change of the dependencies in pyproject.toml; needs uv.
COMPILE := uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-header
requirements:
	@command -v uv >/dev/null || { echo "make requirements needs uv: pip install uv" >&2; exit 1; }
	$(COMPILE) --extra server --extra desk --extra build -o requirements/run.txt
	$(COMPILE) --extra server -o requirements/server.txt
	$(COMPILE) --extra desk -o requirements/desk.txt
	$(COMPILE) --extra server --extra desk --extra build --extra fast -o requirements/fast.txt
	$(COMPILE) --all-extras -o requirements/test.txt
	$(subst pyproject.toml,requirements/parts.in,$(COMPILE)) --no-deps -o requirements/parts.txt
	$(subst pyproject.toml,requirements/cluster.in,$(COMPILE)) -o requirements/cluster.txt

# The demo's data in var/ stays.
clean:
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist
	rm -rf portal/static portal/scripts/node_modules portal/scripts/lint/node_modules LICENSES
	rm -f $(MO)
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
