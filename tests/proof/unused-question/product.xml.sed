/<text name="frame_number"/i\
    <boolean name="bell">\
      <label><nl>Hebt u een bel?</nl><en>Do you have a bell?</en></label>\
    </boolean>
s|<answer name="bought">2022-05-01</answer>|&<answer name="bell">true</answer>|
