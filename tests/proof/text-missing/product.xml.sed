# One of each kind.
s|<nl>Hoe oud bent u?</nl><en>How old are you?</en>|<nl>Hoe oud bent u?</nl>|
s|<nl>Dorp</nl><en>Town</en>|<nl>Dorp</nl>|
s|<nl>Diefstal</nl><en>Theft</en>|<nl>Diefstal</nl>|
s|<nl>Per jaar</nl><en>Yearly</en>|<nl>Per jaar</nl>|
s|<nl>Wij kijken ernaar.</nl><en>We will look at it.</en>|<nl>Wij kijken ernaar.</nl>|
s|<nl>Voorwaarden</nl><en>Terms</en>|<nl>Voorwaarden</nl>|
