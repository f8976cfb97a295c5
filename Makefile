BIN := $(if $(wildcard $(VIRTUAL_ENV)/bin/lint-imports),$(VIRTUAL_ENV),.venv)/bin
export PYTHONPATH := linter:rules

.PHONY: help demo test check format docs new-rule bench recall

help:      ## this list
	@grep -E '^[a-z-]+: .*##' Makefile | sed 's/:.*##/\t/' | sort

demo:      ## lint the example repository
	@$(BIN)/python -m kubelint examples/homelab || [ $$? -eq 1 ]

test:      ## run the tests
	$(BIN)/python -m pytest

check:     ## what CI checks besides the tests: format, lint, types, import direction, generated files
	$(BIN)/ruff format --check . && $(BIN)/ruff check . && $(BIN)/mypy && $(BIN)/mypy tools && $(BIN)/lint-imports
	for tool in tools/generate_*.py; do $(BIN)/python $$tool --check || exit 1; done

format:    ## format, and fix what ruff can fix
	$(BIN)/ruff format . && $(BIN)/ruff check --fix .

docs:      ## make the generated files anew: rule pages, docs/cli.md, schemas, the index of rules
	for tool in tools/generate_*.py; do $(BIN)/python $$tool || exit 1; done

new-rule:  ## start a rule: make new-rule ID=dns-single-replica CATEGORY=dns
	$(BIN)/python tools/new_rule.py $(ID) $(CATEGORY)

bench:     ## time a whole run against libyaml: make bench TREE=path
	$(BIN)/python benchmarks/whole_tree.py $(or $(TREE),examples/homelab)

recall:    ## print which kinds of credential are found in which places
	PYTHONPATH=$(PYTHONPATH):tests $(BIN)/python -m recall
