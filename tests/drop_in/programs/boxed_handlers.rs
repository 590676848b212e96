type Handler = Box<dyn Fn(&str) -> String>;

pub fn run() -> String {
    let mut routes: HashMap<String, Handler> = HashMap::new();
    routes.insert("/hello".to_string(), Box::new(|name| format!("hello {name}")));
    routes.insert("/bye".to_string(), Box::new(|name| format!("bye {name}")));
    let handle = |path: &str| routes.get(path).map(|handler| handler("ada")).unwrap_or_else(|| "404".to_string());
    format!("{} {} {}", handle("/hello"), handle("/bye"), handle("/"))
}
