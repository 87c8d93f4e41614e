# xmlsec, for the one file that calls it: its flags would be everybody's else.
LIBRARIES += $(shell pkg-config --libs xmlsec1-openssl 2>/dev/null)
$(BUILD)/obj/server/soap/xmlsec.o: CPPFLAGS += $(patsubst -I%,-isystem %,$(shell pkg-config \
    --cflags xmlsec1-openssl 2>/dev/null))
