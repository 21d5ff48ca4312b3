//! The tray: one icon, one tooltip, one menu, changed only when what they show has changed.
//!
//! Deliberately not here: whether there is a place for a tray (`host`), and what a click does (`desk`).

use tray_icon::{MouseButton, MouseButtonState, TrayIcon, TrayIconBuilder, TrayIconEvent};

use super::desk::{Desk, Message};
use super::icon::{self, Picture};
use super::menu::{self, Item};
use super::status::Status;

const ID: &str = "spendlight";

/// The light in the tray.
pub struct Tray {
    icon: TrayIcon,
    picture: Picture,
    tooltip: String,
    items: Vec<Item>,
}

impl Tray {
    /// Takes a place in the tray.
    ///
    /// # Errors
    /// There is no tray, or it refused.
    pub fn new(status: &Status) -> anyhow::Result<Tray> {
        let (picture, items) = (Picture::of(status), menu::items(status));
        let icon = TrayIconBuilder::new()
            .with_id(ID)
            .with_title("Spendlight")
            .with_tooltip(&status.sentence)
            .with_icon(icon::drawn(&picture)?)
            .with_icon_as_template(cfg!(target_os = "macos"))
            .with_menu_on_left_click(false)
            .with_menu(Box::new(menu::build(&items)?))
            .build()?;
        Ok(Tray { icon, picture, tooltip: status.sentence.clone(), items })
    }

    /// Shows a status. What has not changed is left alone: an open menu would close, a panel would flicker.
    pub fn show(&mut self, status: &Status) {
        if let Err(error) = self.change(status) {
            tracing::warn!(%error, "the tray did not take a change");
        }
    }

    fn change(&mut self, status: &Status) -> anyhow::Result<()> {
        let picture = Picture::of(status);
        if picture != self.picture {
            self.icon.set_icon(Some(icon::drawn(&picture)?))?;
            self.picture = picture;
        }
        if status.sentence != self.tooltip {
            self.icon.set_tooltip(Some(&status.sentence))?;
            self.tooltip.clone_from(&status.sentence);
        }
        let items = menu::items(status);
        if items != self.items {
            self.icon.set_menu(Some(Box::new(menu::build(&items)?)));
            self.items = items;
        }
        Ok(())
    }
}

/// Opens the glance when the icon is clicked, where the platform tells.
pub fn hear_clicks(desk: &Desk) {
    let desk = desk.clone();
    TrayIconEvent::set_event_handler(Some(move |event| {
        let left = MouseButton::Left;
        if let TrayIconEvent::Click { button, button_state: MouseButtonState::Up, position, .. } = event
            && button == left
        {
            desk.send(Message::Glance((position.x, position.y)));
        }
    }));
}
