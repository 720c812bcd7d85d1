/**
 * For `example.test` and its subdomains, signed by itself; secret to nobody. Made by `openssl req -x509 -newkey ec -pkeyopt
 * ec_paramgen_curve:prime256v1 -nodes -days 36500 -subj /CN=example.test -addext
 * subjectAltName=DNS:example.test,DNS:*.example.test`.
 */
export const certificate = {
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgKX+zTkibiyEDe6M4
SMPO3ssluh30jINwuRWid3+lwrihRANCAATLph7E7Rsim+jZiXsiWMQ7ohcciaGQ
Vp6vhjD48Q//h1LRqk1yMfiD4eqi9aE2WcPm+cYpte3iZk7j85p+mK4c
-----END PRIVATE KEY-----
`,
  cert: `-----BEGIN CERTIFICATE-----
MIIBrzCCAVSgAwIBAgIUeKCpgqwVx9yl86fzfVi8G9v9uRcwCgYIKoZIzj0EAwIw
FzEVMBMGA1UEAwwMZXhhbXBsZS50ZXN0MCAXDTI2MTEyNzEwNDMyNVoYDzIxMjYx
MTAzMTA0MzI1WjAXMRUwEwYDVQQDDAxleGFtcGxlLnRlc3QwWTATBgcqhkjOPQIB
BggqhkjOPQMBBwNCAATLph7E7Rsim+jZiXsiWMQ7ohcciaGQVp6vhjD48Q//h1LR
qk1yMfiD4eqi9aE2WcPm+cYpte3iZk7j85p+mK4co3wwejAdBgNVHQ4EFgQUZnbs
sS/hOgXPHyXn5bUYWg7ahSEwHwYDVR0jBBgwFoAUZnbssS/hOgXPHyXn5bUYWg7a
hSEwDwYDVR0TAQH/BAUwAwEB/zAnBgNVHREEIDAeggxleGFtcGxlLnRlc3SCDiou
ZXhhbXBsZS50ZXN0MAoGCCqGSM49BAMCA0kAMEYCIQD2jf1CUSktG0t82z+xyvlE
dsZ+QtivS0ofBiqTvXlQSgIhAIRFMiAM4eAMUzeU5qnIs95cgNvgRkJH3ZmGnREJ
JPPi
-----END CERTIFICATE-----
`,
} as const
