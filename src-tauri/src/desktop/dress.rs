//! How what the desktop itself draws is dressed: frames and menus, and the lists that a page's choices open, which on
//! Linux the toolkit draws and not the page. They follow the setting as the page does.

use tauri::AppHandle;

use crate::ledger::Theme;

/// What is worn.
pub struct Dress {
    theme: Theme,
    /// Whether the system wanted it dark, while something else is worn.
    #[cfg(target_os = "linux")]
    system: Option<bool>,
}

#[cfg(not(target_os = "linux"))]
impl Dress {
    pub fn new(theme: Theme) -> Dress {
        Dress { theme }
    }

    /// Dresses everything anew.
    pub fn wear(&mut self, handle: &AppHandle, theme: Theme) {
        self.theme = theme;
        handle.set_theme(match theme {
            Theme::System => None,
            Theme::Light => Some(tauri::Theme::Light),
            Theme::Dark => Some(tauri::Theme::Dark),
        });
    }

    /// Opens a window, dressed like the others.
    pub fn around<T>(&mut self, handle: &AppHandle, open: impl FnOnce() -> T) -> T {
        let opened = open();
        self.wear(handle, self.theme);
        opened
    }
}

/// The window's host takes "as the system" for "light", so the toolkit is told here.
#[cfg(target_os = "linux")]
impl Dress {
    pub fn new(theme: Theme) -> Dress {
        Dress { theme, system: None }
    }

    /// Dresses everything anew.
    pub fn wear(&mut self, _: &AppHandle, theme: Theme) {
        self.off();
        self.theme = theme;
        self.on();
    }

    /// Opens a window, dressed like the others. Its host asks the system and dresses everything by its answer, which is
    /// what is gone back to later.
    pub fn around<T>(&mut self, _: &AppHandle, open: impl FnOnce() -> T) -> T {
        self.off();
        let opened = open();
        self.on();
        opened
    }

    fn on(&mut self) {
        use gtk::prelude::GtkSettingsExt;
        let Some(settings) = gtk::Settings::default().filter(|_| self.theme != Theme::System) else { return };
        self.system = Some(settings.is_gtk_application_prefer_dark_theme());
        settings.set_gtk_application_prefer_dark_theme(self.theme == Theme::Dark);
        let name = settings.gtk_theme_name().unwrap_or_default();
        // A desktop that is dark throughout names the dark half of its theme.
        if self.theme == Theme::Light
            && let Some(light) = name.strip_suffix("-dark").or_else(|| name.strip_suffix(":dark"))
        {
            settings.set_gtk_theme_name(Some(light));
        }
    }

    fn off(&mut self) {
        use gtk::prelude::GtkSettingsExt;
        if let (Some(settings), Some(dark)) = (gtk::Settings::default(), self.system.take()) {
            settings.reset_property("gtk-theme-name");
            settings.set_gtk_application_prefer_dark_theme(dark);
        }
    }
}
