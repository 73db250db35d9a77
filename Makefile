# Everything about building and running Berth; 'make help' lists it. Set-up is done by src/build/setup.sh.
SHELL := /bin/sh
SETUP := src/build/setup.sh
ISOLATED := src/build/isolated.sh
SOAK_MINUTES ?= 60
MVN = JAVA_HOME="$$($(SETUP) java)" MAVEN_OPTS="-XX:TieredStopAtLevel=1 -XX:+UseSerialGC" mvn --batch-mode --no-transfer-progress

.PHONY: build run test bench soak fmt clean help

help: ## Say what there is
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 10

build: ## Build target/berth: launcher, jars and AOT caches
	@$(SETUP) build
	$(MVN) -DskipTests package

run: build ## Run Berth in the foreground until Ctrl-C, with your BERTH_… variables
	@$(SETUP) run
	JAVA_HOME="$$($(SETUP) java)" target/berth/bin/berth serve

test: ## Run every test: unit, property, contract, and the system tests with a real Docker engine
	@$(SETUP) test
	$(MVN) verify

bench: ## Measure Berth next to Docker's local driver and rclone; prints ratios, takes some minutes (PART=loop or s3: less)
	@$(SETUP) bench
	$(MVN) --quiet -DskipTests package
	$(ISOLATED) env $(MVN) --quiet exec:java \
	  -Dexec.mainClass=dev.berth.bench.Bench -Dexec.classpathScope=test -Dexec.cleanupDaemonThreads=false \
	  $(if $(PART),-Dexec.args=--$(PART))

soak: ## Run containers in a loop for SOAK_MINUTES=60; what Berth uses is printed and must be flat
	@$(SETUP) test
	$(MVN) verify -Dtest=none -Dsurefire.failIfNoSpecifiedTests=false -Dit.test=SoakIT \
	  -Dberth.soak.seconds=$$(($(SOAK_MINUTES) * 60))

fmt: ## Format the sources
	@$(SETUP) build
	$(MVN) spotless:apply

clean: ## Delete what was built
	rm -rf target
