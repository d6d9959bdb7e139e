# Two commands matter: `make demo` logs you in, `make test` proves that it works.
# Both install what they need into this directory, and a second run reuses it.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/$(if $(filter Windows_NT,$(OS)),Scripts,bin)
BUNDLE := auth0_widget/static/widget.js
NPM    := npm --prefix js

# The tests start hundreds of Pythons. Without compiled bytecode, each would compile its modules anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help bench demo test test-frames test-firefox test-hub test-matrix test-pythons coverage mutation long-job lint lock build check-dist \
	gallery chromium clean docs notebooks

help: ## List the commands.
	@sed -n 's/^\([a-z-]*\):.*## /make \1\t/p' Makefile | expand -t 20

demo: $(VENV)/.demo $(BUNDLE) ## Log in, in JupyterLab, at a local tenant. Options: make demo ARGS=--no-browser
	@$(BIN)/auth0-widget demo $(ARGS)

# The quick checks come first, and one pytest run last, whose summary is the result.
# For one test: make test ARGS=tests/unit/commands/test_cli.py
#
# Two workers, whatever the machine: more would need as many JupyterLabs and browsers.
test: lint chromium ## Check style and types, run every test.
	$(NPM) test
	$(BIN)/pytest -n 2 $(ARGS)

# Older ipykernels, each in an environment of its own, beside the newest one.
test-matrix: lint chromium ## Run the waiting stories with every ipykernel, in every front end.
	$(BIN)/python tests/browser/bench/kernels.py
	$(BIN)/pytest -n 2 -m "matrix or not matrix" tests/browser/test_waiting.py tests/browser/test_many.py \
		tests/unit/server/test_keeper_host.py $(ARGS)

# VS Code's own widget manager, in the frames of VS Code, Colab and others. npm brings 350 MB.
test-frames: chromium tests/browser/bench/front_end/node_modules/.built/page.js $(BUNDLE) ## Run the stories of pages that are no tab of a Jupyter Server.
	$(BIN)/pytest -n 0 -m frames tests/browser $(ARGS)

# The stories of the login, and of windows that are blocked, in Debian's Firefox.
test-firefox: $(VENV)/.dev $(BUNDLE) ## Run the stories of the login in Firefox.
	$(BIN)/python tests/browser/bench/firefox.py
	PYTHONPATH=.venv-firefox $(BIN)/pytest -n 0 --firefox -k "(test_login or blocked) and not from_the_tenant" \
		tests/browser/test_login.py tests/browser/test_trouble.py $(ARGS)

# A real JupyterHub with its proxy, two people, the local tenant as identity provider.
test-hub: chromium tests/hub/node_modules/.package-lock.json $(BUNDLE) ## Run the stories of JupyterHub.
	$(BIN)/pytest -n 0 -m hub tests/hub $(ARGS)

# The tests that need no browser, so that the oldest and the newest are told apart in minutes.
test-pythons: $(VENV)/.pip $(BUNDLE) ## Run what needs no browser with each Python that is here. ARGS="--only 3.12"
	@$(BIN)/python .ci/pythons.py $(ARGS)

# It measures ratios to alternatives. Run it on a machine that does nothing else.
bench: chromium $(BUNDLE) benchmarks/node_modules/.package-lock.json ## Measure, and write docs/benchmarks.md. ARGS="--only sizes,imports"
	$(BIN)/python benchmarks/run.py $(ARGS)

# Lines and branches. The browser stories are left out: they take ten minutes and run the same code.
coverage: $(VENV)/.dev $(BUNDLE) ## Show which lines and branches the tests reach, Python and TypeScript.
	$(BIN)/pytest -n 2 --cov --cov-report=term tests/unit tests/security tests/local_tenant \
		--ignore=tests/security/test_callback_page.py --ignore=tests/local_tenant/test_real_browser.py
	$(NPM) run coverage

mutation: $(VENV)/.dev $(BUNDLE) ## Change the core line by line and count which changes no test sees. ARGS="--minutes 30"
	$(BIN)/python .ci/mutation.py $(ARGS)

long-job: $(VENV)/.dev $(BUNDLE) ## Run twenty jobs of twelve hours with a tenant that fails at times, and print the results.
	@PYTHONPATH=tests/shared $(BIN)/python tests/shared/long_job.py $(ARGS)

lint: $(VENV)/.dev $(BUNDLE) ## Check style and types, Python and TypeScript, and the workflows.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(NPM) run check
	$(BIN)/zizmor --offline --quiet .github
	$(BIN)/check-jsonschema --quiet --builtin-schema vendor.github-workflows .github/workflows/*.yml
	$(BIN)/check-jsonschema --quiet --builtin-schema vendor.dependabot .github/dependabot.yml

docs: $(VENV)/.dev $(BUNDLE) ## Build the site into docs/_build, with every link inside it checked.
	$(BIN)/python docs/errors_page.py
	$(BIN)/python -m sphinx -W --keep-going -q docs docs/_build

notebooks: $(VENV)/.dev $(BUNDLE) ## Run the tutorials and store their outputs anew.
	$(BIN)/python tests/notebooks/store_outputs.py

build: $(VENV)/.dev $(BUNDLE) ## Build the wheel and the sdist into dist/.
	rm -rf dist
	$(BIN)/hatchling build

check-dist: $(VENV)/.pip ## Open what was built, and install it where there is no Node. TAG=v0.2.0
	@$(BIN)/python .ci/check_dist.py --tag "$(TAG)"

lock: $(VENV)/.pip ## Choose the newest versions for CI anew, and write .ci/requirements.txt.
	$(BIN)/python -m uv pip compile --quiet --upgrade --universal --generate-hashes --python-version 3.10 \
		--no-annotate --no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' \
		--extra demo --group dev --output-file .ci/requirements.txt pyproject.toml

gallery: chromium $(BUNDLE) ## Take the pictures in docs/ anew, of the real card in a real JupyterLab.
	$(BIN)/pytest tests/browser/test_card.py tests/browser/test_gallery.py tests/browser/test_top_bar.py --pictures

chromium: $(VENV)/.dev
	@$(BIN)/python tests/browser/bench/chromium.py

clean: ## Remove everything that was installed or built here.
	rm -rf $(VENV) .venv-kernels .venv-pythons .venv-firefox mutants js/node_modules benchmarks/node_modules tests/hub/node_modules tests/browser/bench/front_end/node_modules auth0_widget/static js/labextensions dist docs/_build test-results
	rm -rf .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage js/coverage

# $(call need,COMMAND,SENTENCE): say the sentence and stop when the command fails.
need = @{ $(1); } >/dev/null 2>&1 || { echo "$(2)" >&2; exit 1; }

# The stamps are inside .venv, so that they are deleted with it.
$(VENV)/.pip:
	$(call need,command -v $(PYTHON),$(PYTHON) was not found: install Python 3.10 or newer or name yours with PYTHON=/path/to/python.)
	$(call need,$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))',$(PYTHON) is too old: install Python 3.10 or newer or name yours with PYTHON=/path/to/python.)
	$(call need,$(PYTHON) -c 'import ensurepip; import venv',$(PYTHON) has no venv module: on Debian and Ubuntu install the package python3-venv.)
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1' uv
	@touch $@

# uv is several times faster. It does not read pip's settings, which may name a company's own index,
# so pip installs where uv fails. Dependency groups need pip 25.1.
# The bundle has its own rule: without SKIP_… the editable install would build it a second time.
# CI installs the locked versions (`make lock`), each checked by its hash, and then this directory.
ifeq ($(CI),true)
define install
	$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes -r .ci/requirements.txt \
		|| $(BIN)/python -m pip install --quiet --require-hashes -r .ci/requirements.txt
	SKIP_JUPYTER_BUILDER=1 $(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
endef
else
define install
	SKIP_JUPYTER_BUILDER=1 $(BIN)/uv pip install --quiet --python $(BIN)/python $(1) \
		|| SKIP_JUPYTER_BUILDER=1 $(BIN)/python -m pip install --quiet $(1)
endef
endif

# The demo needs neither the test tools nor the tests' browser.
$(VENV)/.demo: pyproject.toml .ci/requirements.txt | $(VENV)/.pip $(BUNDLE)
	$(call install,--editable '.[demo]')
	@touch $@

$(VENV)/.dev: pyproject.toml .ci/requirements.txt | $(VENV)/.pip $(BUNDLE)
	$(call install,--editable '.[demo]' --group dev)
	@touch $(VENV)/.demo $@

# npm writes this file at the end of an installation.
js/node_modules/.package-lock.json: js/package.json js/package-lock.json
	$(call need,command -v node && command -v npm,Node.js was not found: install Node.js 20 or newer (with npm).)
	$(call need,node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)',Node.js is too old: install Node.js 20 or newer.)
	cd js && npm ci --no-audit --no-fund
	@touch $@

benchmarks/node_modules/.package-lock.json: benchmarks/package.json benchmarks/package-lock.json
	cd benchmarks && npm ci --no-audit --no-fund --ignore-scripts
	@touch $@

tests/hub/node_modules/.package-lock.json: tests/hub/package.json tests/hub/package-lock.json
	$(call need,command -v node && command -v npm,Node.js was not found: install Node.js 20 or newer (with npm).)
	cd tests/hub && npm ci --no-audit --no-fund
	@touch $@

tests/browser/bench/front_end/node_modules/.built/page.js: $(wildcard tests/browser/bench/front_end/*.js*)
	$(call need,command -v node && command -v npm,Node.js was not found: install Node.js 20 or newer (with npm).)
	cd tests/browser/bench/front_end && npm ci --no-audit --no-fund && npm run --silent build

$(BUNDLE): js/node_modules/.package-lock.json $(shell find js/src -type f) $(wildcard js/*.json js/*.js)
	$(NPM) run build
	@touch $@
