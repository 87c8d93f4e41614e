/<reason code="young"/a\
    <reason code="old"><nl>Wij kijken ernaar.</nl><en>We will look at it.</en></reason>
