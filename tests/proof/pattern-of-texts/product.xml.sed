# A text question whose pattern lists what can be answered: no row is for ZE.
s|<text name="frame_number" required="false" afd="frameNumber">|<text name="frame_number" pattern="GR\|ZH\|ZE">|
s|<answer name="bought">2022-05-01</answer>|&<answer name="frame_number">ZH</answer>|
