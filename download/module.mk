# SPDX-License-Identifier: GPL-2.0-or-later
# download: files from servers, and their signatures.

noinst_LTLIBRARIES += libdownload.la
libdownload_la_SOURCES = \
	download/fetch.h download/fetch.c \
	download/gpg.h download/gpg.c \
	download/sign.h download/sign.c \
	download/verify.h download/verify.c
libdownload_la_CFLAGS = $(AM_CFLAGS) $(CURL_CFLAGS) $(GPGME_CFLAGS)
libdownload_la_LIBADD = libprogram.la libbase.la $(CURL_LIBS) $(GPGME_LIBS)
