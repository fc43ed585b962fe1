# `make lab` and `make test` need Python >= 3.10, make and the package index; they set up the rest.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# TORCH=cpu takes torch's build without CUDA.
INDEX := $(if $(filter cpu,$(TORCH)),--extra-index-url https://download.pytorch.org/whl/cpu)

.PHONY: lab course test-course test test-browser test-bounds twice slides talk contact-sheet binder lessons bench mutants site picture refresh clean
.DEFAULT_GOAL := lab

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10) and "Python 3.10 or newer is needed, this is " + sys.version.split()[0] + "; try make PYTHON=python3.12")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check $(INDEX) -e '.[dev,cluster,browser,site]' -c constraints.txt
	@touch $@

TEACH := $(VENV)/.teach
$(TEACH): $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check $(INDEX) -e '.[teach]' -c constraints.txt
	@touch $@

lab: $(READY)            ## write the workbook, where your edits stay, and open it in JupyterLab
	$(BIN)/fa-lessons lab

course: $(TEACH)         ## write an nbgrader course into ./course, or into FOLDER=…
	$(BIN)/fa-lessons course $(abspath $(or $(FOLDER),course))

test-course: $(TEACH)    ## a class of scripted students, hostile ones too: every mark, on cores and on Dask
	OMP_NUM_THREADS=1 $(BIN)/python -W ignore -m tests.classroom

test: $(READY)           ## ruff, unit tests, strict nbval over every lesson
	$(BIN)/python -m tests

test-browser:            ## the workbook and the playground in Chromium; says what is missing, installs nothing
	@test -x $(BIN)/python || { echo 'missing: $(VENV). To get it: make lab'; exit 1; }
	@$(BIN)/python -m tests.browser

test-bounds: $(READY)    ## unit tests with the lower and the latest versions of all dependencies
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(if $(filter cpu,$(TORCH)),UV_TORCH_BACKEND=cpu) $(BIN)/python -m tests.bounds

twice: $(READY)          ## run every cell of every lesson twice; lists the verdicts that differ
	OMP_NUM_THREADS=1 $(BIN)/python -m tests.twice

slides: $(READY)         ## every lesson's slides, and the talk, as pages in build/slides; npm fetches reveal.js once
	$(BIN)/fa-lessons slides

talk: $(READY)           ## the series in half an hour, with the playground live in it
	$(BIN)/fa-lessons slides talk

contact-sheet: $(READY)  ## every stored figure, at page and projector size, on white and on black, and without colour
	$(BIN)/python docs/contact_sheet.py

binder: $(READY)         ## whether Binder could build environment.yml, as far as that shows without Docker
	$(BIN)/python -m pip install --quiet --disable-pip-version-check jupyter-repo2docker
	$(BIN)/jupyter-repo2docker --no-build --user-id 1000 --user-name jovyan .

lessons: $(READY)        ## run every lesson headless; prints lesson, seconds, result
	$(BIN)/fa-lessons run

bench: $(READY)          ## speed against plain autograd, as ratios in one run
	$(BIN)/python -m benchmarks

mutants: $(READY)        ## seed faults in a copy of the package; lists those that no test notices
	$(BIN)/python -m tests.mutants

refresh: $(READY)        ## run the lessons and store their outputs
	OMP_NUM_THREADS=1 $(BIN)/fa-lessons run --store

site: $(READY)           ## the public site from the stored outputs, into build/site; needs npm, for MathJax
	$(BIN)/python -m docs.site

picture: $(READY)        ## make the README's and the site's pictures again; needs Chromium
	$(BIN)/python docs/readme_picture.py
	$(BIN)/python -m docs.workbook_picture
	$(BIN)/python -m docs.playground_picture

clean:                   ## remove the virtual environment
	rm -rf $(VENV)
