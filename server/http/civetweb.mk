# CivetWeb, from the distribution's source package, as one object inside this folder's library.
# It brings the listener, the threads and the life of a connection. HTTP is not left to it: six
# calls that it makes are given other names below, so that its accepting and its reading go through
# guard.c and gate.c. Its own parser then never sees a byte that an outsider sent.

CIVETWEB := $(BUILD)/civetweb
CIVETWEB_HOOKS := -Dlisten=guard_listen -Daccept=guard_accept -DSSL_accept=gate_tls_accept \
                  -DSSL_read=gate_tls_read -DSSL_pending=gate_tls_pending \
                  -DSSL_get1_peer_certificate=gate_tls_certificate
# OPENSSL_API_3_0 and NO_SSL_DL need each other. The stack is a worker's.
CIVETWEB_FLAGS := -DOPENSSL_API_3_0 -DNO_SSL_DL -DNO_CGI -DNO_CACHING -DNO_FILES \
                  -DUSE_IPV6 -DUSE_STACK_SIZE=4194304
HTTP_SOURCES := $(wildcard server/http/*.c)
HTTP_TESTS := $(wildcard tests/unit/server/http/test_*.c)

$(CIVETWEB)/include/civetweb.h: server/http/civetweb-fetch
	$(call say,GET,$(CIVETWEB))server/http/civetweb-fetch $(CIVETWEB)
	@mkdir -p $(@D)
	@cp $(CIVETWEB)/src/include/civetweb.h $@

# Warnings off: it is not our text to change.
$(CIVETWEB)/civetweb.o: $(CIVETWEB)/include/civetweb.h server/http/civetweb.mk
	$(call say,CC,$@)$(CC) -w -std=gnu17 $(OPTIMIZE) $(SANITIZE) -fno-strict-aliasing -fstack-protector-strong -pthread \
	    $(CIVETWEB_FLAGS) $(CIVETWEB_HOOKS) -I$(CIVETWEB)/include -c $(CIVETWEB)/src/src/civetweb.c -o $@

$(call library,server/http): $(CIVETWEB)/civetweb.o
$(HTTP_SOURCES:%.c=$(BUILD)/obj/%.o) $(HTTP_TESTS:%.c=$(BUILD)/%): CPPFLAGS += -I$(CIVETWEB)/include
$(HTTP_SOURCES:%.c=$(BUILD)/obj/%.o) $(HTTP_TESTS:%.c=$(BUILD)/%): | $(CIVETWEB)/include/civetweb.h
